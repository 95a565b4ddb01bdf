"""The picture of a backtest: a PNG in either language, with every character of it in the font that comes along."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from importlib import resources
from io import BytesIO

import matplotlib.image
import pytest
from matplotlib.colors import to_rgb
from matplotlib.ft2font import FT2Font

from bot.backtest.charts import COLOURS, FONT_FILE, FONT_PACKAGE, png
from bot.backtest.core import Backtest, BacktestAlarm, SettingResult
from bot.i18n.speech import Speech
from engine.post import Level
from engine.tuning.tuning import Tuning

BEGAN = datetime(2026, 2, 1, tzinfo=UTC)

ENGLISH = Speech("en")


def bell(days: float, level: Level, event: str = "opened") -> BacktestAlarm:
    return BacktestAlarm(
        at=BEGAN + timedelta(days=days), event=event, level=level, score=50, incident=1, headline="Tea", reasons=()
    )


def found(
    topic: str = "露明茶 Lumen Tea", bells: tuple[BacktestAlarm, ...] = (), days: int = 28, trials: int = 1
) -> Backtest:
    volume = tuple(4 + hour % 7 for hour in range(24 * days))
    return Backtest(
        topic=topic,
        since=BEGAN,
        until=BEGAN + timedelta(days=days),
        posts=sum(volume),
        volume=volume,
        negative=tuple(count // 3 for count in volume),
        trials=tuple(SettingResult(tuning=Tuning(strictness=n + 1.0), bells=bells) for n in range(trials)),
        budget_per_week=2,
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("trials", [1, 2])
def test_a_chart_is_a_picture_of_a_legible_size(language: str, trials: int) -> None:
    drawn = png(found(bells=(bell(3, Level.YELLOW), bell(9, Level.RED, "raised")), trials=trials), Speech(language))
    assert drawn[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", drawn[16:24])
    assert width == 1600
    assert 600 <= height <= 1200
    assert len(drawn) < 1_000_000


def test_the_bells_have_the_colours_of_their_levels() -> None:
    def has(drawn: bytes, level: Level) -> bool:
        pixels = matplotlib.image.imread(BytesIO(drawn))[..., :3]
        return bool((abs(pixels - to_rgb(COLOURS[level])).max(axis=-1) < 0.02).any())

    orange = png(found(bells=(bell(9, Level.ORANGE),)), ENGLISH)
    assert has(orange, Level.ORANGE)
    assert not has(orange, Level.RED)
    assert not has(png(found(), ENGLISH), Level.ORANGE)


@pytest.mark.parametrize("topic", ["", "a" * 200, "茶" * 200, "Tea 🍵 $\\frac & <b> $", "露明茶\n二行"])
def test_any_name_can_be_drawn(topic: str) -> None:
    assert png(found(topic, days=1), ENGLISH)


def test_a_topic_without_posts_can_be_drawn() -> None:
    silent = Backtest(
        topic="x", since=BEGAN, until=BEGAN + timedelta(hours=1), posts=0, volume=(0,), negative=(0,),
        trials=(SettingResult(tuning=Tuning(), bells=()),), budget_per_week=2,
    )  # fmt: skip
    assert png(silent, Speech("zh"))


def test_the_font_has_every_chinese_character_of_the_chart() -> None:
    with resources.as_file(resources.files(FONT_PACKAGE) / FONT_FILE) as path:
        there = FT2Font(str(path)).get_charmap()
    needed = {
        character for text in Speech("zh").section("picture").values() for character in text if ord(character) > 0x2E80
    }
    assert needed
    assert not {character for character in needed if ord(character) not in there}
