"""Answers and forms in both languages: complete, and within Slack's limits whatever they hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.drafts import query_fault
from bot.desk.views.view_models import IncidentList, ShownPost, SourceList, StoryLine, TopicLine
from bot.i18n.as_written import AS_WRITTEN
from bot.i18n.localised import localised
from bot.i18n.speech import Speech
from bot.records import ActKind, SourceRecord
from bot.sandbox.blocks import mrkdwn
from bot.sandbox.blocks.rules import check_message_blocks, check_view
from bot.slack.commands import VERBS, Misunderstood, parse
from bot.slack.forms import act_forms, forms
from bot.slack.forms.act_forms import AskedAct
from bot.slack.render import answers
from bot.slack.render.blocks import BlockMessage
from engine.overview.what_if import Fall, Rise
from engine.post import Level, Note, SourceHealth, Topic
from tests.bot.slack.slack_samples import NOW, incident, post, topic_record, topic_view, view

EN, ZH = Speech("en"), Speech("zh")
BOTH = pytest.mark.parametrize("speech", [EN, ZH], ids=["en", "zh"])
WILD = st.text(max_size=800) | st.text(st.sampled_from(list("<>&|!@#*_~`:中文\n")), max_size=800)
NAMES = mrkdwn.Names(people={"U0ADA": "Ada"}, channels={})


def reads(message: BlockMessage) -> str:
    check_message_blocks(list(message.blocks))
    return "\n".join(mrkdwn.read(list(message.blocks), NAMES))


def line(name: str = "Lumen Tea", **more: object) -> TopicLine:
    record = topic_record(topic=Topic(name=name, query="x"))
    made = TopicLine(record=record, level=None, volume=3, usual_volume=2.0, negative=1, trend=view().trend)
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_topic_is_told_with_its_baseline_stories_posts_and_sources() -> None:
    shown = reads(answers.topic(topic_view(), EN))
    assert "doubles every 50 min" in shown
    for expected in (
        "🟠 Lumen Tea: orange",
        "Incident 12 has been open since",
        "nobody owns it yet",
        "640 posts in the last 24 hours (usual: 72), 63% negative (usual: 11%).",
        "Loudest: “Regulator opens inquiry",
        "Score 71/100 · negative 63% · neutral 30% · positive 7%",
        "Regulator opens inquiry · 380 posts since",
        "41 copies",
        "Third person in our office",
        "1 of 7 sources is silent or failing (Town Square)",
    ):
        assert expected in shown


OUTLOOK = (
    Rise(to=Level.RED, missing=14, ways=(Note(code="posts", values={"posts": 9}),)),
    Fall(to=Level.YELLOW, when=Note(code="wait", values={"minutes": 120})),
)
OUTLOOK_SAID = {
    "en": [
        "Red needs 14 points more: about 9 more negative posts now.",
        "Falls to yellow if the score stays as low for 2 hours more.",
    ],
    "zh": ["升至红色还差 14 分：此刻再有约 9 条负面帖子。", "评分再保持 2 小时，将降至黄色。"],
}


@BOTH
def test_what_would_change_the_level_stands_with_a_topic_and_with_an_incident(speech: Speech) -> None:
    title = "What would change the level" if speech is EN else "升降级条件"
    for shown in (answers.topic(topic_view(what_if=OUTLOOK), speech), answers.incident(view(what_if=OUTLOOK), speech)):
        said = reads(shown)
        assert title in said
        for sentence in OUTLOOK_SAID[speech.language]:
            assert sentence in said
    assert title not in reads(answers.topic(topic_view(), speech))


@BOTH
def test_a_baseline_that_began_anew_is_dated(speech: Speech) -> None:
    anew = topic_view(usual_volume=None, usual_negative=None, baseline_since=NOW - timedelta(hours=3))
    older = topic_view(usual_volume=None, usual_negative=None)
    assert reads(answers.topic(anew, speech)) != reads(answers.topic(older, speech))


def test_without_a_baseline_counts_are_said_and_no_comparison() -> None:
    shown = reads(answers.topic(topic_view(usual_volume=None, usual_negative=None), EN))
    assert "640 posts in the last 24 hours, 63% negative.\n" in shown
    assert "No baseline yet" in shown
    assert "usual:" not in shown.split("Why")[0]


def test_a_quiet_topic_says_so_in_few_words() -> None:
    calm = topic_view(
        level=None,
        signals=(),
        incident=None,
        volume=0,
        negative=0,
        shares={},
        trend=replace(view().trend, volume=(0,) * 24),
        stories=(),
        posts=(),
    )
    shown = reads(answers.topic(calm, ZH))
    assert "⚪ Lumen Tea" in shown
    assert "当前无处置中的事件" in shown
    assert "原因" not in shown


@BOTH
def test_lists_put_the_gravest_first(speech: Speech) -> None:
    grave = line("Cedar Bank", level=incident().level, incident=incident())
    shown = reads(answers.topics((line(), grave), speech))
    assert shown.index("Cedar Bank") < shown.index("Lumen Tea")


@BOTH
def test_empty_lists_are_sentences(speech: Speech) -> None:
    nothing = IncidentList(incidents=(), now=NOW, health=SourceHealth(total=2))
    assert len(reads(answers.incidents(nothing, speech)).splitlines()) == 2
    assert "/opinion" in reads(answers.topics((), speech))
    assert reads(answers.sources(SourceList(sources=(), health=SourceHealth(), now=NOW), speech))


@BOTH
def test_help_names_every_command_in_the_words_that_are_understood(speech: Speech) -> None:
    shown = reads(answers.help_page(speech))
    for name in VERBS:
        usage = answers.usage(name, speech)
        assert usage in shown
        assert not isinstance(parse(usage.removeprefix("/opinion").strip()), Misunderstood)


def test_a_source_that_fails_says_why() -> None:
    source = SourceRecord(
        id=1,
        name="Square",
        kind="rss",
        url="https://a.test",
        every=300,
        error=localised("source.legacy", sentence="The server said 500."),
    )
    shown = reads(
        answers.sources(SourceList(sources=(source,), health=SourceHealth(total=1, silent=("Square",)), now=NOW), EN)
    )
    assert "⚠️ Square · rss, every 5 min; last new post: never" in shown
    assert "The server said 500." in shown


@settings(max_examples=25)
@given(text=WILD, count=st.integers(1, 60), speech=st.sampled_from([EN, ZH]))
def test_every_answer_fits(text: str, count: int, speech: Speech) -> None:
    name = text or "x"
    wild = topic_view(
        record=topic_record(topic=Topic(name=name, query="x")),
        stories=(StoryLine(headline=text, size=9, copies=3, first_at=NOW),) * 8,
        posts=(ShownPost(post=post(1, text=text, author=text, source=text)),) * 3,
        notes=(Note(code=AS_WRITTEN, values={"en": text, "zh": text}),) * 4,
    )
    source = SourceRecord(
        id=1,
        name=name,
        kind="rss",
        url="u",
        every=60,
        error=localised("source.legacy", sentence=text),
        enabled=bool(text),
    )
    incidents = (incident(topic=name, headline=text, owner=text),) * count
    health = SourceHealth(total=count, silent=(name,) * count)
    for made in (
        answers.topic(wild, speech),
        answers.topics((line(name),) * count, speech),
        answers.incidents(IncidentList(incidents=incidents, now=NOW, health=health), speech),
        answers.sources(SourceList(sources=(source,) * count, health=health, now=NOW), speech),
    ):
        check_message_blocks(list(made.blocks))
        assert made.size < 10_000
        assert 0 < len(made.text) <= 3000


@BOTH
def test_every_form_is_one_that_slack_takes(speech: Speech) -> None:
    check_view(forms.add(speech, name="x" * 200, channel="C0PR", policies=["default", "p" * 120]))
    check_view(forms.add(speech, name="", channel="", policies=["default"]))
    check_view(forms.saving(speech))


@BOTH
@pytest.mark.parametrize("kind", sorted(kind for kind in ActKind if act_forms.asks_more(kind)))
def test_every_form_of_an_act_is_one_that_slack_takes(kind: ActKind, speech: Speech) -> None:
    long = "x" * 400
    asked = AskedAct(
        kind=kind,
        incident=incident(level=Level.RED, set_level=Level.RED),
        typed=long,
        others=(incident(headline=long),) * 3,
        stories=((long[:80], long),) * 20,
    )
    check_view(act_forms.act(asked, speech, place="https://hooks.example/" + "x" * 300, channel="C0PR"))


@BOTH
def test_a_grave_incident_is_not_closed_without_a_reason(speech: Speech) -> None:
    for kind in (ActKind.RESOLVE, ActKind.FALSE_ALARM):
        red, yellow = (AskedAct(kind=kind, incident=incident(level=level)) for level in (Level.RED, Level.YELLOW))
        assert not act_forms.act(red, speech)["blocks"][-1].get("optional")
        assert act_forms.act(yellow, speech)["blocks"][-1]["optional"]


def test_a_form_brings_back_what_was_filled_in() -> None:
    form = act_forms.act(AskedAct(kind=ActKind.SNOOZE, incident=incident(id=12)), EN, place="https://hooks.example/1")
    chosen = {"minutes": {"value": {"selected_option": {"value": "240"}}}}
    found = act_forms.filled(form | {"state": {"values": chosen}})
    assert (found.number, found.kind, found.minutes, found.place) == (
        12,
        ActKind.SNOOZE,
        240,
        "https://hooks.example/1",
    )


def test_a_draft_splits_the_other_names_at_either_comma() -> None:
    state = {"name": {"value": {"value": " 露明茶 "}}, "aliases": {"value": {"value": "Lumen，露明、Lumen Tea, Lumen"}}}
    draft = forms.draft(state)
    assert draft.name == "露明茶"
    assert draft.aliases == ("Lumen", "露明", "Lumen Tea")


@pytest.mark.parametrize(("speech", "expected"), [(EN, "never closed"), (ZH, "没有闭合")])
def test_a_faulty_query_is_pointed_at_in_the_persons_language(speech: Speech, expected: str) -> None:
    query = "lumen AND (tea OR milk"
    fault = query_fault(query, {})
    assert fault is not None
    shown = forms.errors({"query": fault}, query, speech)["query"]
    assert "lumen AND 👉(tea OR milk" in shown
    assert expected in shown


def test_a_timeline_is_told_line_by_line() -> None:
    from bot.records import Act

    acts = [
        Act(kind=ActKind.OPENED, at=NOW, detail={"level": 3}),
        Act(kind=ActKind.RAISED, at=NOW, detail={"from": None, "to": 1}),
        Act(kind=ActKind.PAGED, at=NOW, detail={"targets": ["U0ADA", "C0PR"]}),
        Act(kind=ActKind.SNOOZE, at=NOW, by="U0ADA", detail={"minutes": 90}),
        Act(kind=ActKind.ASSIGN, at=NOW, by="U0ADA", detail={"to": "U0BO"}),
        Act(kind=ActKind.DELIVERY_FAILED, at=NOW, detail={"target": "C0PR", "reason": "the channel is archived"}),
    ]
    told = [mrkdwn.plain(answers.timeline_line(act, EN, NOW + timedelta(hours=1)), NAMES) for act in acts]
    assert told == [
        "08:00 UTC  opened at yellow",
        "08:00 UTC  rose from calm to red",
        "08:00 UTC  told @Ada, #C0PR",
        "08:00 UTC  @Ada snoozed it until 09:30 UTC",
        "08:00 UTC  @Ada assigned it to @U0BO",
        "08:00 UTC  a message did not arrive at #C0PR: “the channel is archived”",
    ]
