"""The incident card: complete, short, safe, and always within Slack's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.views.view_models import ShownPost, Trend
from bot.i18n.as_written import AS_WRITTEN
from bot.i18n.speech import Speech
from bot.records import TOCSIN, Act, ActKind, Policy, PolicyStep, Status
from bot.sandbox.blocks import mrkdwn
from bot.sandbox.blocks.rules import check_message_blocks
from bot.slack.render.answers import incident as incident_page
from bot.slack.render.blocks import BlockMessage
from bot.slack.render.cards import MENU, card
from engine.post import Level, Note, SourceHealth
from engine.watch import remarks
from engine.watch.expected import ExpectedDays
from tests.bot.slack.slack_samples import NOW, incident, post, signal, taken, view

EN, ZH = Speech("en"), Speech("zh")
NAMES = mrkdwn.Names(people={"U0ADA": "Ada", "U0BO": "Bo"}, channels={"C0PR": "pr", "C0DESK": "desk"})
WILD = st.text(max_size=3000) | st.text(st.sampled_from(list("<>&|!@#*_~`:中文\n\u202e")), max_size=3000)


def reads(message: BlockMessage) -> str:
    return "\n".join(mrkdwn.read(list(message.blocks), NAMES))


def labels(message: BlockMessage) -> list[str]:
    rows = [block for block in message.blocks if block["type"] == "actions"]
    return [one["text"]["text"] for row in rows for one in row["elements"] if one["type"] == "button"]


def test_it_says_on_an_expected_day_what_is_expected_and_mentions_who_entered_it() -> None:
    sale = ExpectedDays(first=date(2026, 12, 12), last=date(2026, 12, 12), what="<!channel> sale", by="U0ADA")
    told = card(replace(view(), incident=incident(notes=(remarks.expected(sale),))), EN)
    assert "@Ada entered “<!channel> sale” for 2026-12-12 as expected: " in reads(told)
    assert "negative posts and grave facts still do." in reads(told)
    assert "<!channel>" not in str(told.blocks)


def test_it_says_what_how_bad_since_when_why_who_and_what_to_do() -> None:
    shown = reads(card(view(), EN))
    for expected in (
        "🟠 Lumen Tea: complaints are rising · incident 12",
        "316 negative posts in the last hour (usual: 4), no outlet yet. Open since 07:20 UTC.",
        "Regulator opens inquiry",
        "yellow → 🟠 orange",
        "since 07:20 UTC",
        "316 negative posts in the last hour (usual: 4).",
        "Third person in our office",
        "Town Square ↗ · @teadrinker",
        "Nobody owns this yet.",
        "Otherwise told at 08:15 UTC: Lead on duty, #desk",
        "7 of 7 sources healthy",
    ):
        assert expected in shown


def test_it_says_the_same_in_chinese() -> None:
    shown = reads(card(view(incident(topic="露明茶")), ZH))
    for expected in (
        "🟠 露明茶：负面帖子增多 · 事件 12",
        "近 1 小时负面帖子 316 条（平时 4 条），尚无媒体报道。07:20 UTC 起处置中。",
        "黄色 → 🟠 橙色",
        "近 1 小时有 316 条负面帖子（平时 4 条）。",
        "无人认领",
        "仍无人认领",
        "全部正常",
    ):
        assert expected in shown
    assert "Acknowledge" not in str(card(view(), ZH).blocks).replace("tocsin_acknowledge", "")


def test_the_old_level_is_struck_through() -> None:
    assert "~yellow~ → 🟠 *orange*" in str(card(view(), EN).blocks)
    assert "~" not in str(card(view(timeline=()), EN).blocks)


def test_at_most_two_buttons_and_the_rest_in_one_menu() -> None:
    made = card(view(), EN)
    assert labels(made) == ["Acknowledge", "Resolve"]
    assert labels(card(view(taken()), EN)) == ["Resolve"]
    [row] = [block for block in made.blocks if block["type"] == "actions"]
    assert len(row["elements"][2]["options"]) == len(MENU) == 5
    assert {one["value"].partition(":")[2] for one in row["elements"][2]["options"]} == {"12:5"}


def test_an_owned_incident_names_its_owner_and_the_next_deadline() -> None:
    shown = reads(card(view(taken()), EN))
    assert "@Ada owns this" in shown
    assert "a first holding line by 08:20 UTC, a statement by 11:20 UTC" in shown
    assert "Nobody owns" not in shown


def test_the_statement_is_asked_for_when_the_first_hour_has_gone() -> None:
    late = replace(taken(), opened_at=NOW - timedelta(hours=2))
    assert "a statement by 10:00 UTC" in reads(card(view(late), EN))


def test_a_snoozed_incident_says_until_when_and_by_whom() -> None:
    asleep = incident(snoozed_until=NOW + timedelta(hours=2))
    acts = (Act(kind=ActKind.SNOOZE, at=NOW, by="U0BO"),)
    assert "Snoozed by @Bo until 10:00 UTC" in reads(card(view(asleep, timeline=acts), EN))


@pytest.mark.parametrize(
    ("status", "by", "expected"),
    [
        (Status.RESOLVED, "U0ADA", "Resolved by @Ada"),
        (Status.RESOLVED, TOCSIN, "ended by itself"),
        (Status.FALSE_ALARM, "U0BO", "by @Bo"),
    ],
)
def test_a_closed_incident_says_who_closed_it_and_can_be_reopened_for_seven_days(
    status: Status, by: str, expected: str
) -> None:
    closed = incident(status=status, closed_by=by, closed_at=NOW + timedelta(minutes=5))
    made = card(view(closed), EN)
    assert expected in reads(made)
    assert "lasted 45 min" in reads(made)
    assert labels(made) == ["Reopen"]
    assert not labels(card(view(closed, now=NOW + timedelta(days=8)), EN))


def test_a_closed_card_keeps_its_reasons_and_posts() -> None:
    closed = incident(status=Status.RESOLVED, closed_by="U0ADA", closed_at=NOW)
    open_card, closed_card = (reads(card(view(one), EN)) for one in (incident(), closed))
    for told in ("Why", "Loudest posts"):
        assert told in open_card
        assert told in closed_card


def test_silent_sources_are_said() -> None:
    shown = reads(card(view(health=SourceHealth(total=7, silent=("Town Square",))), EN))
    assert "1 of 7 sources is silent or failing (Town Square)" in shown


def test_a_strangers_post_pings_nobody_and_forges_no_link() -> None:
    evil = post(text="<!channel> <@U0ADA> <https://evil.test|your bank> *bold* ```code```", author="<!here>|x")
    made = card(view(incident(topic="A<!channel>&B", headline="<!everyone>"), posts=(ShownPost(post=evil),)), EN)
    texts = [one["text"] for one in mrkdwn.texts(list(made.blocks)) if one["type"] == "mrkdwn"] + [made.text]
    assert not {ping for text in texts for ping in mrkdwn.pings(text)}
    addresses = {address for text in texts for address, _ in mrkdwn.links(text)}
    assert addresses == {"https://social.test/p/1"}


def test_personal_data_is_masked() -> None:
    leak = post(text="Call the manager on +86 138 0013 8000 or write to boss@lumen.example")
    shown = reads(card(view(posts=(ShownPost(post=leak),)), EN))
    assert "8000" not in shown
    assert "boss@" not in shown


def test_the_next_person_is_named_and_not_yet_pinged() -> None:
    assert "<@" not in str(card(view(), EN).blocks)


def test_the_text_for_the_locked_phone_is_complete() -> None:
    text = card(view(), EN).text
    for expected in (
        "Lumen Tea: complaints are rising",
        "incident 12",
        "316 negative posts",
        "Nobody owns this yet",
    ):
        assert expected in text


@settings(max_examples=60)
@given(
    text=WILD, topic=WILD, author=WILD, url=WILD, language=st.sampled_from(["en", "zh"]), level=st.sampled_from(Level)
)
def test_a_card_always_fits(text: str, topic: str, author: str, url: str, language: str, level: Level) -> None:
    quoted_posts = tuple(
        ShownPost(
            post=post(n, text=f"{n}{text}", title=topic, author=author, source=author, url=f"https://a.test/{url}")
        )
        for n in range(3)
    )
    wild = incident(
        topic=topic or "x",
        headline=text,
        level=level,
        owner=author,
        closed_by=author,
        reasons=tuple(signal(text=f"{n}{text}") for n in range(12)),
        notes=(Note(code=AS_WRITTEN, values={"en": text, "zh": text}),) * 5,
        policy=Policy(steps=(PolicyStep(after_minutes=0, notify=(author, topic)),)),
    )
    timeline = tuple(Act(kind=kind, at=NOW, by=author, detail={"text": text, "from": 3, "to": 2}) for kind in ActKind)
    drawn = view(
        wild,
        posts=quoted_posts,
        trend=Trend(volume=(10**6,) * 24, negative=(10**5,) * 24),
        health=SourceHealth(total=99, silent=(author,) * 20),
        timeline=timeline,
    )
    for status in Status:
        shown = replace(drawn, incident=replace(wild, status=status))
        for made in (card(shown, Speech(language), lead="lead"), incident_page(shown, Speech(language))):
            check_message_blocks(list(made.blocks))
            assert made.size < 10_000
            assert 0 < len(made.text) <= 3000
