"""The record of an incident as a Markdown file: whole, in both languages, and harmless whatever strangers wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.infra.clock import VirtualClock
from bot.records import Decision
from bot.sandbox.people.person import Person
from bot.slack.exports.markdown import MarkdownWriter, harmless
from bot.store import Store
from engine.post import Fact, FactKind, Level
from tests.bot.slack.office import SETTINGS, Office, running


def exported(office: Office, person: Person, typed: str = "/opinion export 1") -> str:
    """The file that *person* gets."""
    person.types("pr", typed)
    office.done()
    return sent(office, person)


def sent(office: Office, person: Person) -> str:
    [message] = [one for one in person.reads(person.direct) if one.message.files]
    file = office.server.sandbox.workspace.files[message.message.files[0]]
    assert file.name == "tocsin-incident-1.md"
    return (file.body or b"").decode()


def a_matter(office: Office) -> None:
    """One that rose, was taken, talked over and closed, with a fact and its proof."""
    office.posts = office.stored(
        {"a": "Lumen Tea made me ill, call 13812345678", "b": "# Lumen Tea <script>bad()</script>"}
    )
    office.rings(Level.YELLOW)
    values = {"n": 1, "source": "Town [Square](https://evil.example)"}
    fact = Fact(
        key="f1", kind=FactKind.OUTLET, story="story-1", at=office.clock.now(), values=values, evidence=office.posts[:1]
    )
    office.store.incidents.change(1, lambda one: Decision(incident=replace(one, facts=(fact,))))
    office.clock.set(office.clock.now() + timedelta(minutes=20))
    office.rings(Level.RED)
    ada = office.person("Ada")
    ada.clicks(ada.reads("pr")[0], "Acknowledge")
    office.done()
    office.person("Bo").types("pr", "lawyers *are* here", thread=ada.reads("pr")[0])
    office.done()
    ada.types("pr", "/opinion false-alarm 1 a namesake in another city")
    ada.waits_for_form().submits()
    office.done()


def test_the_file_tells_everything_that_is_known(office: Office) -> None:
    a_matter(office)
    text = exported(office, office.person("Ada"))
    for expected in (
        "# 🚫 False alarm · Lumen Tea",
        "Incident 1 · Lumen Tea",
        "opened at yellow",
        "rose from yellow to red",
        "https://square.example/a",
        "@Ada acknowledged it (by click",
        "@Bo wrote in the thread: “lawyers ∗are∗ here”",
        "@Ada called it a false alarm: “a namesake in another city” (by form",
        "card (🟡 yellow) to",
        ": sent 2",
        "> Lumen Tea made me ill, call •••",
        "Closed as a false alarm by @Ada",
        "All times: UTC",
    ):
        assert expected in text, expected
    assert text.index("## Levels") < text.index("## What became known") < text.index("## How it ended")
    assert "<script" not in text
    assert "13812345678" not in text
    assert "](https://evil" not in text
    assert "<!date" not in text
    assert "U000000ADA" not in text
    assert "is in your conversation with Tocsin" in office.person("Ada").reads("pr")[-1].plain()
    office.clean()


def test_in_chinese_it_is_chinese(office: Office) -> None:
    a_matter(office)
    text = exported(office, office.person("Mei"), "/opinion 导出 1")
    for expected in ("## 级别变化", "## 通知记录", "@Ada", "@Bo 在消息列中写道", "## 如何关闭", "事件 1 · Lumen Tea"):
        assert expected in text, expected
    assert "What " not in text
    office.clean()


def test_the_menu_below_the_record_has_it_while_it_is_open_and_a_button_when_it_is_closed(office: Office) -> None:
    office.rings(Level.YELLOW)
    ada, bo = office.person("Ada"), office.person("Bo")
    ada.types("pr", "/opinion incident 1")
    office.done()
    ada.chooses(ada.reads("pr")[-1], "Export the record")
    office.done()
    assert "## How it stands" in sent(office, ada)
    office.act("resolve", text="all well")
    bo.types("pr", "/opinion incident 1")
    office.done()
    bo.clicks(bo.reads("pr")[-1], "Export the record")
    office.done()
    assert "## How it ended" in sent(office, bo)
    office.clean()


def test_who_may_not_see_an_incident_gets_no_file_of_it(store: Store, clock: VirtualClock) -> None:
    rooms = [
        {"name": "pr", "id": "C0000000PR", "private": True, "people": ["Ada"]},
        {"name": "desk", "id": "C000000DSK"},
    ]
    with running(store, clock, channels=rooms, written=SETTINGS) as office:
        office.rings(Level.YELLOW)
        bo = office.person("Bo")
        bo.types("desk", "/opinion export 1")
        office.done()
        assert not [one for one in bo.reads(bo.direct) if one.message.files]
        assert "Lumen Tea" not in bo.reads("desk")[-1].plain()


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("# head", "\\# head"),
        ("- item", "\\- item"),
        ("12. item", "12\\. item"),
        ("![x](http://e.example/p.png)", "\\!\\[x\\](http\\://e.example/p.png)"),
        ("&lt;img src=x&gt; &amp;amp;", "&lt;img src=x&gt; &amp;amp;"),
        ("a | b `c` ~d~ www.e.example", "a \\| b \\`c\\` \\~d\\~ www\\.e.example"),
    ],
)
def test_what_strangers_wrote_means_nothing_to_markdown(text: str, made: str) -> None:
    assert harmless(text) == made


def test_what_is_bold_linked_and_dated_in_slack_is_so_in_markdown() -> None:
    write = MarkdownWriter(names={"U1": "Ada [x](y)", "C1": "#pr"}, zone=UTC)
    at = int(datetime(2026, 3, 1, 8, 14, tzinfo=UTC).timestamp())
    made = write.text(f"*Worse* since <!date^{at}^{{time}}|08:14 UTC>: <@U1> in <#C1> <https://a.example/(b)|post ↗>")
    assert made == ("**Worse** since 2026-03-01 08:14: @Ada \\[x\\](y) in \\#pr [post ↗](https://a.example/%28b%29)")
