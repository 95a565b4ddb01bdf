"""Backtest and digest in Slack: asked for in either language, answered with what rang, and a picture."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backtest.core import Backtest, BacktestAlarm, SettingResult
from bot.desk.views.history_queries import ChartedBacktest, Digest, DigestLine, HistoryQueries
from bot.i18n.speech import Speech
from bot.records import ActKind, Basis, TuningRecord
from bot.slack.commands import Misunderstood, ShowBacktest, ShowDigest, parse
from bot.slack.render.backtests import backtest, digest, thresholds
from bot.slack.render.blocks import MOST_CHARACTERS
from bot.store import Store
from bot.work.subprocess_jobs import SubprocessJobRunner
from engine.post import Level, Note, Signal
from engine.tuning.tuning import Tally, Tuning
from engine.tuning.tuning_from_history import Ruling
from tests.bot.past import BEGAN, Policies, calm, grumble, past
from tests.bot.slack.office import Office

DAY = timedelta(days=1)
WHY = Signal(
    name="gravity", value=3, baseline=0.0, weight=60,
    reason=Note(code="gravity", values={"risk": "health", "posts": 3, "usual": None}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("backtest Lumen Tea", ShowBacktest(name="Lumen Tea", typed="Lumen Tea")),
        ("backtest Lumen Tea 30", ShowBacktest(name="Lumen Tea", days=30, typed="Lumen Tea 30")),
        ("backtest “Lumen Tea” 7 days", ShowBacktest(name="Lumen Tea", days=7, typed="Lumen Tea” 7 days")),
        ("回测 露明茶 30天", ShowBacktest(name="露明茶", days=30, typed="露明茶 30天")),
        ("回测露明茶", ShowBacktest(name="露明茶", typed="露明茶")),
        ("backtest", Misunderstood(key="topic_missing")),
        ("digest", ShowDigest()),
        ("周报", ShowDigest()),
    ],
)
def test_understood(typed: str, expected: object) -> None:
    assert parse(typed) == expected


def bell(n: int, text: str = "Tea makes people ill", ruling: Ruling | None = Ruling.FALSE) -> BacktestAlarm:
    return BacktestAlarm(
        at=BEGAN + n * timedelta(hours=7), event="raised" if n % 3 else "opened", level=Level(1 + n % 3), score=61.0,
        incident=n, headline=text, reasons=(WHY,), ruling=ruling,
    )  # fmt: skip


def found(bells: tuple[BacktestAlarm, ...], days: int = 28) -> Backtest:
    hours = 24 * days
    return Backtest(
        topic="Lumen Tea", since=BEGAN, until=BEGAN + days * DAY, posts=hours, volume=(1,) * hours,
        negative=(0,) * hours, trials=(SettingResult(tuning=Tuning(), bells=bells),), budget_per_week=2, judged=True,
    )  # fmt: skip


def learned(basis: Basis = Basis.OWN, strictness: float = 1.4, bells: int = 0) -> TuningRecord:
    tuning = Tuning(strictness=strictness)
    return TuningRecord(topic_id=1, tuning=tuning, learned_at=BEGAN, days=28, bells=bells, basis=basis)


@given(st.integers(0, 60), st.text(max_size=300), st.integers(1, 90))
def test_an_answer_always_fits(bells: int, text: str, days: int) -> None:
    for language in ("en", "zh"):
        made = backtest(
            ChartedBacktest(found=found(tuple(bell(n, text) for n in range(bells)), days), picture=b""),
            Speech(language),
        )
        assert made.size <= MOST_CHARACTERS
        assert len(made.blocks) <= 50


def test_the_answer_says_what_rang_and_what_it_costs() -> None:
    tested = ChartedBacktest(found=found(tuple(bell(n) for n in range(12))), picture=b"", tuning=learned())
    english, chinese = backtest(tested, Speech("en")).text, backtest(tested, Speech("zh")).text
    for expected in (
        "12 alerts",
        "3.0 a week",
        "over the budget of 2",
        "Nobody confirmed 12",
    ):
        assert expected in english
    for expected in ("12 次预警", "每周 3.0 次", "超出预算", "未经确认"):
        assert expected in chinese
    silent = ChartedBacktest(found=found(()), picture=b"")
    assert "There would have been no alert" in backtest(silent, Speech("en")).text
    assert "不会触发任何预警" in backtest(silent, Speech("zh")).text


def test_the_thresholds_say_where_they_come_from() -> None:
    english, chinese = Speech("en"), Speech("zh")
    own = thresholds(learned(), 2, english)
    assert own.startswith("Thresholds: 1.4 × the usual, learned <!date^")
    assert own.endswith("from 28 days (budget 2 alerts a week).")
    assert "默认的 1.4 倍" in thresholds(learned(), 2, chinese)
    assert "Even so there were 9 alerts" in thresholds(learned(strictness=4, bells=9), 2, english)
    assert "as other topics have learned: this one has 28 of the 14" in thresholds(learned(Basis.OTHERS), 2, english)
    for nothing in (None, learned(Basis.NONE)):
        assert "nothing has been learned yet" in thresholds(nothing, 2, english)
        assert "尚未学习" in thresholds(nothing, 2, chinese)


def test_the_digest_shows_how_right_each_signal_was(store: Store) -> None:
    record = past(store).topic
    week = Digest(
        since=BEGAN, until=BEGAN + 7 * DAY, lines=(DigestLine(record=record, opened=3, false=2, unconfirmed=1),),
        tallies={"volume": Tally(real=1, false=4), "board": Tally(real=5, false=0)},
    )  # fmt: skip
    english, chinese = digest(week, Speech("en")).text, digest(week, Speech("zh")).text
    assert english.index("hot-search board: 5 of 5 real, precision 90%") < english.index(
        "volume: 1 of 5 real, precision 50%"
    )
    assert "3 incidents (budget 2 alerts a week) · 2 false alarms · 1 that nobody took" in english
    assert "声量：5 次中 1 次属实，准确度 50%" in chinese
    nobody = Digest(since=BEGAN, until=BEGAN, lines=(), tallies={})
    assert "还没有监测任何话题" in digest(nobody, Speech("zh")).text


def test_a_backtest_is_computed_beside_the_service(store: Store, tmp_path: object) -> None:
    """In another process, over the same database; one at a time."""
    made = past(store)
    made.heard([*calm(20), *grumble(BEGAN + timedelta(days=16))])
    from bot.infra.clock import VirtualClock

    beside = SubprocessJobRunner(f"sqlite:///{tmp_path}/tocsin.db")
    try:
        looks = HistoryQueries(store, Policies(), VirtualClock(BEGAN + 20 * DAY), beside)
        tested = looks.backtest(made.topic, 7, language="zh")
    finally:
        beside.stop()
    assert tested.found.posts >= 7 * 8
    assert tested.picture.startswith(b"\x89PNG")


def test_a_person_asks_for_a_backtest(office: Office) -> None:
    """At once a word that it is computed, then the answer, and the picture in the person's own conversation."""
    office.posts = office.stored({"a": "Sick after tea", "b": "Sick again"})
    ada = office.person("Ada")
    ada.types("pr", "/opinion backtest Lumen Tea 7")
    office.done()
    begun, answer = [one.plain() for one in ada.reads("pr") if one.ephemeral]
    assert "Looking at which alerts Lumen Tea would have had" in begun
    assert "Backtest · Lumen Tea" in answer
    assert "2 posts" in answer
    [direct] = ada.reads(ada.direct)
    assert "Backtest · Lumen Tea" in direct.plain()
    [shelved] = office.server.sandbox.board.workspace.files.values()
    assert (shelved.name, (shelved.body or b"")[:4]) == ("backtest.png", b"\x89PNG")
    office.clean()


def test_without_the_permission_there_is_no_picture_but_an_answer(office: Office) -> None:
    office.server.sandbox.fail_next("files.getUploadURLExternal", error="missing_scope")
    mei = office.person("Mei")
    mei.types("gongguan", "/opinion 回测 露明茶")
    office.done()
    said = [one.plain() for one in mei.reads("gongguan")]
    assert any("回测 · Lumen Tea" in one for one in said)
    assert any("图片未能送达：应用缺少权限" in one for one in said)
    office.clean()


def test_a_picture_that_slack_does_not_take_now_is_sent_later(office: Office) -> None:
    office.server.sandbox.fail_next("files.completeUploadExternal", retry_after=1)
    ada = office.person("Ada")
    ada.types("pr", "/opinion backtest Lumen Tea 7")
    office.done()
    [direct] = ada.reads(ada.direct)
    assert "Backtest · Lumen Tea" in direct.plain()
    assert not any("could not be sent" in one.plain() for one in ada.reads("pr"))


def test_a_picture_that_slack_does_not_take_for_long_is_said_to_be_missing(office: Office) -> None:
    office.server.sandbox.fail_next("files.getUploadURLExternal", retry_after=600)
    ada = office.person("Ada")
    ada.types("pr", "/opinion backtest Lumen Tea 7")
    office.done()
    told = [one.plain() for one in ada.reads("pr") if one.ephemeral]
    assert "The picture could not be sent: Slack asks Tocsin to wait." in told[-1]
    assert not ada.reads(ada.direct)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("backtest Lumen Tea 400", "1 to 90 days"),
        ("backtest Nobody 7", "There is no topic “Nobody”"),
        ("回测 露明茶 0天", "1 到 90 天"),
    ],
)
def test_what_cannot_be_tested_is_told(office: Office, typed: str, told: str) -> None:
    ada = office.person("Ada")
    ada.types("pr", f"/opinion {typed}")
    office.done()
    assert told in "\n".join(one.plain() for one in ada.reads("pr") if one.ephemeral)
    office.clean()


def test_the_topic_says_its_thresholds_and_the_digest_its_judgements(office: Office) -> None:
    record = office.topic()
    office.store.tunings.keep(
        TuningRecord(
            topic_id=record.id, tuning=Tuning(strictness=2.0), learned_at=office.clock.now(), days=28, basis=Basis.OWN
        )
    )
    office.rings(Level.ORANGE)
    office.act("false_alarm", text="a namesake")
    ada = office.person("Ada")
    ada.types("pr", "/opinion topic Lumen Tea")
    office.done()
    ada.types("pr", "/opinion digest")
    office.done()
    topic, week = [one.plain() for one in ada.reads("pr") if one.ephemeral]
    assert "Thresholds: 2 × the usual" in topic
    assert "1 incident (budget 2 alerts a week) · 1 false alarm" in week
    assert "negative volume: 0 of 1 real" in week
    assert office.store.incidents.timeline(1)[-1].kind is ActKind.FALSE_ALARM
    office.clean()
