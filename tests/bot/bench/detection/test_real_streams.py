"""Real streams in the benchmark: what is asked of them, on an invented board and on the true storm's dates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.bench.detection import real_streams
from bot.bench.detection.real_streams import Crisis, StreamCheck, hot_search, limits_of
from bot.bench.detection.stream_readings import cached
from bot.errors import TocsinError
from engine.post import Post, Reading, Topic
from tests.engine.watch.readings import by_words, reading

AT = datetime(2026, 3, 2, tzinfo=UTC)
CRISIS = Crisis(
    file="board", query="盐蕨", alias="盐蕨",
    begins="2026-03-20T08:00Z", yellow_by="2026-03-20T12:00Z", orange_by="2026-03-21T00:00Z",
)  # fmt: skip


def read(posts: Sequence[Post], topic: Topic) -> list[Reading]:
    return [by_words(post) for post in posts]


def board(folder: Path, *titles: tuple[str, str]) -> Path:
    """A board of eighteen quiet days, and *titles* (time, text) after them."""
    rows = [(f"{AT + timedelta(hours=3 * n):%Y-%m-%dT%H:%M:%SZ}", f"天气第{n}天晴") for n in range(8 * 18)]
    lines = [
        json.dumps({"id": str(n), "published": at, "text": text, "source": "weibo-hot-search", "lang": "zh"})
        for n, (at, text) in enumerate(sorted([*rows, *titles]))
    ]
    path = folder / "board.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return folder


def verdicts(found: list[StreamCheck]) -> dict[str, bool]:
    return {verdict.asked.split(" by ")[0]: verdict.met for verdict in found}


def test_a_crisis_on_a_board_is_in_time_and_once(tmp_path: Path) -> None:
    folder = board(
        tmp_path,
        ("2026-03-20T08:00:00Z", "盐蕨茶饮被曝异物"),
        ("2026-03-20T09:00:00Z", "盐蕨道歉"),
        ("2026-03-20T13:00:00Z", "盐蕨门店被查处罚"),
        ("2026-03-20T14:00:00Z", "多人饮用盐蕨后受伤"),
    )
    assert verdicts(hot_search(folder, [CRISIS], read=read)) == {
        "yellow": True,
        "orange": True,
        "quiet before": True,
        "one incident": True,
    }


def test_a_board_without_a_crisis_is_said_to_have_missed_it(tmp_path: Path) -> None:
    found = hot_search(board(tmp_path, ("2026-03-20T08:00:00Z", "盐蕨新品上市")), [CRISIS], read=read)
    assert verdicts(found) == {"yellow": False, "orange": False, "quiet before": True, "one incident": False}
    assert found[0].found == "never"


def test_a_file_without_posts_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "board.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(TocsinError, match="There is no post in"):
        hot_search(tmp_path, [CRISIS], read=read)


def test_readings_are_asked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time they come from the file, as they were; another text or model is read anew."""
    asked: list[int] = []
    topic = Topic(name="Saltfern", query="Saltfern")
    post = Post(id="1", published=AT, text="Saltfern recall", lang="en")

    def slowly(posts: Sequence[Post], topic: Topic) -> list[Reading]:
        asked.append(len(posts))
        return [reading(each, "negative", risks={"product": 0.75}, embedding=[0.6, 0.8]) for each in posts]

    first, second = (cached([post], topic, folder=tmp_path, read=slowly)[0] for _ in range(2))
    assert asked == [1]
    assert (first.sentiment, first.risks, first.lang) == (second.sentiment, second.risks, second.lang)
    assert second.embedding is not None
    assert second.embedding.tolist() == pytest.approx([0.6, 0.8])
    cached([Post(id="1", published=AT, text="Saltfern denies", lang="en")], topic, folder=tmp_path, read=slowly)
    assert asked == [1, 1]
    monkeypatch.setenv("TOCSIN_MODEL", str(tmp_path / "mine"))
    cached([post], topic, folder=tmp_path, read=slowly)
    assert asked == [1, 1, 1]


@pytest.mark.shared
def test_the_storm_became_plain_when_its_labels_say_so(shared: Path) -> None:
    limits = limits_of(shared / "streams" / "airline.jsonl")
    said = {name: f"{limit:%m-%d %H:%M}" for name, limit in limits.items()}
    assert said == {"US Airways": "02-22 19:01", "Delta": "02-22 21:51", "United": "02-22 23:57"}


def test_a_storm_is_judged_by_the_labels_of_its_file(tmp_path: Path) -> None:
    """Quiet days, then a day on which everybody scolds the struck airlines; one begins only then."""
    rows = []
    for day in range(17, 23):
        for name, query in real_streams.AIRLINES.items():
            stormy = day == 22 and name not in real_streams.SPARED
            for n in range(0 if name == "American" and day < 22 else 60 if stormy else 8):
                at = datetime(2015, 2, day, 2, tzinfo=UTC) + timedelta(minutes=(6 if stormy else 90) * n)
                text = f"@{query.split()[0]} worst delay {n} of {day}"
                rows.append({"id": f"{name}{day}{n}", "published": at.isoformat(), "text": text, "brand": name,
                             "label": "negative", "source": "twitter", "lang": "en"})  # fmt: skip
    path = tmp_path / "airline.jsonl"
    path.write_text(
        "\n".join(json.dumps(row) for row in sorted(rows, key=lambda row: row["published"])), encoding="utf-8"
    )
    assert f"{limits_of(path)['Delta']:%H:%M}" == "05:12"  # the thirteenth of the day, and two hours
    met = {verdict.stream: verdict.met for verdict in real_streams.airlines(path, read=read)}
    assert met == {**dict.fromkeys(real_streams.AIRLINES, True)}
