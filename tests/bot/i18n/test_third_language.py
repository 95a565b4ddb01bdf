"""A further language is one more file: nothing else is changed, and everything speaks it."""

from __future__ import annotations

import re
import shutil
from itertools import islice
from pathlib import Path

import pytest
import yaml

from bot.check import check
from bot.check.findings import CheckResult
from bot.config import settings
from bot.config.environment import Environment
from bot.config.locations import SettingsError
from bot.i18n.catalogue import LANGUAGES, OWN, languages
from bot.i18n.speech import Speech
from bot.infra.clock import VirtualClock
from bot.ingest.sources import FetchError
from bot.slack.forms import forms
from bot.slack.render import cards
from tests.bot.slack.slack_samples import NOW, view

TOY = "zz"


def toy(tree: dict[str, object]) -> dict[str, object]:
    """Every English template in capitals, marked."""
    return {key: toy(value) if isinstance(value, dict) else f"¡{_loud(str(value))}!" for key, value in tree.items()}


def _loud(template: str) -> str:
    return re.sub(r"(\{\w+\})|([^{}]+)", lambda part: part[1] or part[2].upper(), template)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The catalogue with one file more."""
    there = tmp_path / "languages"
    there.mkdir()
    for language in LANGUAGES:
        shutil.copy(OWN / f"{language}.yaml", there)
    english = yaml.safe_load((OWN / "en.yaml").read_text(encoding="utf-8"))
    (there / f"{TOY}.yaml").write_text(yaml.safe_dump(toy(english), allow_unicode=True), encoding="utf-8")
    return there


@pytest.fixture
def speech(folder: Path) -> Speech:
    return Speech(TOY, folder)


def looked(text: str, folder: Path, tmp_path: Path, count: int) -> list[CheckResult]:
    """The first findings of ``tocsin check`` over the settings *text*."""
    path = tmp_path / "tocsin.yaml"
    path.write_text(text, encoding="utf-8")
    env = Environment(_env_file=None, data_dir=tmp_path / "data")  # type: ignore[call-arg]
    return list(islice(check.look(path, env, clock=VirtualClock(NOW), folder=folder), count))


def test_the_folder_says_which_languages_there_are(folder: Path, speech: Speech) -> None:
    assert languages(folder) == (*LANGUAGES, TOY)
    assert speech.language == TOY
    assert Speech(TOY).language == "en"


def test_a_card_speaks_it(speech: Speech) -> None:
    made = cards.card(view(), speech)
    assert "¡⏳ *NOBODY OWNS THIS YET.*!" in str(made.blocks)
    assert not re.search(r"Nobody owns|Acknowledge|Why", str(made.blocks))


def test_it_can_be_chosen_for_a_topic(speech: Speech) -> None:
    form = forms.add(speech, name="Tea", channel="", policies=["default"])
    options = next(block["element"]["options"] for block in form["blocks"] if block["block_id"] == "speak")
    assert [option["value"] for option in options] == [*LANGUAGES, TOY]


def test_a_check_speaks_the_language_of_its_settings(folder: Path, tmp_path: Path) -> None:
    found = looked(f"language: {TOY}\ndefault_channel: '#crisis'\n", folder, tmp_path, 3)
    assert [one.what for one in found] == ["¡SETTINGS!", "¡SETTINGS!", "¡DATABASE!"]
    assert found[2].sentence.startswith("¡THE DATABASE ")


def test_a_fault_of_a_source_speaks_it(speech: Speech) -> None:
    error = FetchError("source.too_often", host="wire.example", status=429)
    assert error.said(speech).startswith("¡wire.example SAYS THAT TOCSIN ASKS TOO OFTEN (STATUS 429).")


def test_a_fault_of_the_settings_speaks_it(folder: Path, tmp_path: Path) -> None:
    text = f"language: {TOY}\ndefault_channel: '#crisis'\ntopics:\n  - {{name: Tea, query: tea, speak: yy}}\n"
    with pytest.raises(SettingsError) as caught:
        settings.read(text, folder=folder)
    told = "¡LINE 4, COLUMN 29: topics[1].speak: ¡“yy” IS NOT ONE OF ¡¡'en', 'zh'! OR 'zz'!!!"
    assert told in str(caught.value)
    found = looked(text, folder, tmp_path, 1)[0]
    assert not found.ok
    assert "¡“yy” IS NOT ONE OF" in found.sentence
    assert found.hint.startswith("¡MEND ")
