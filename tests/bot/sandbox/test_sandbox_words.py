"""mrkdwn as a reader sees it, and whom it alerts."""

from __future__ import annotations

import pytest

from bot.sandbox.blocks.mrkdwn import Names, links, pings, plain, read
from bot.sandbox.records import App

NAMES = Names(people={"U1": "Lead"}, channels={"C1": "crisis"})


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("*bold* _it_ ~no~ `code`", "bold it no code"),
        ("see <https://a.example/x|the draft>", "see the draft"),
        ("<https://a.example>", "https://a.example"),
        ("hello <@U1>, look at <#C1>", "hello @Lead, look at #crisis"),
        ("<!channel> now", "@channel now"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("*西贝*的事", "*西贝*的事"),
        ("*西贝* 的事", "西贝 的事"),
        ("<!date^1700000000^{date}|14 Nov>", "14 Nov"),
    ],
)
def test_what_a_reader_sees(text: str, seen: str) -> None:
    """Labels for links, names for ids, no markers, no escapes."""
    assert plain(text, NAMES) == seen


@pytest.mark.parametrize(
    ("text", "alerted"),
    [
        ("<!channel> and <@U1>", {"channel", "U1"}),
        ("<!here|here> <!subteam^S1>", {"here", "S1"}),
        ("&lt;!channel&gt; &lt;@U1&gt; @channel", set()),
        ("`<!channel>` ```<@U1>```", set()),
    ],
)
def test_whom_a_text_alerts(text: str, alerted: set[str]) -> None:
    """Only real mentions ring; escaped ones, words and code do not."""
    assert pings(text) == alerted


def test_links_carry_their_address_and_label() -> None:
    """So that a test can tell a forged link."""
    assert links("<https://a.example/?x=1&amp;y|draft> <@U1>") == [("https://a.example/?x=1&y", "draft")]


def test_blocks_are_read_in_the_order_of_the_screen() -> None:
    """Headers, sections, fields, contexts and buttons; the options of a menu stay folded."""
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "*Head*"}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*Body*"},
            "fields": [{"type": "mrkdwn", "text": "_f_"}],
            "accessory": {"type": "overflow", "options": [{"text": {"type": "plain_text", "text": "hidden"}}]},
        },
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}}]},
    ]
    assert read(blocks, NAMES) == ["*Head*", "Body", "f", "Go"]


def test_an_app_is_what_its_manifest_asks_for() -> None:
    """Commands, scopes and events come from the manifest, so that a forgotten scope fails here and not at Slack."""
    app = App.from_manifest(
        {
            "features": {"slash_commands": [{"command": "/opinion", "description": "Ask", "usage_hint": "topic X"}]},
            "oauth_config": {"scopes": {"bot": ["chat:write"]}},
            "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
        }
    )
    assert (app.commands, app.scopes, app.events) == (("/opinion",), ("chat:write",), ("app_mention",))
    assert app.hints == {"/opinion": "topic X · Ask"}
