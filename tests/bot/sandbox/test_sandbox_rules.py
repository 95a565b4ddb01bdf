"""Slack's limits: what is just short enough is taken, one more is refused, and the answer says where."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.blocks.rules import check_blocks, check_message_blocks, check_metadata, check_view
from bot.sandbox.errors import SlackError

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "go", "text": plain("Go")} | more


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def menu(kind: str, count: int, **more: Any) -> Json:
    options = [{"text": plain(f"o{at}"), "value": str(at)} for at in range(count)]
    return {"type": kind, "action_id": "menu", "options": options} | more


def many(count: int) -> list[Json]:
    return [button(action_id=str(at)) for at in range(count)]


def field(element: Json) -> Json:
    return {"type": "input", "block_id": "f", "label": plain("Field"), "element": element}


def confirm(size: int) -> Json:
    return {"title": plain("?"), "text": plain("x" * size), "confirm": plain("Yes"), "deny": plain("No")}


PICTURE = {"type": "image", "image_url": "https://a.example/a.png", "alt_text": "a"}
FIELDS = [{"type": "mrkdwn", "text": "x"}]
TYPED = {"type": "plain_text_input", "action_id": "t"}

FITS_AND_BREAKS: list[tuple[str, Json, Json]] = [
    ("section text", section("x" * 3000), section("x" * 3001)),
    ("fields", {"type": "section", "fields": FIELDS * 10}, {"type": "section", "fields": FIELDS * 11}),
    (
        "field text",
        {"type": "section", "fields": [plain("x" * 2000)]},
        {"type": "section", "fields": [plain("x" * 2001)]},
    ),
    ("header", {"type": "header", "text": plain("x" * 150)}, {"type": "header", "text": plain("x" * 151)}),
    ("button text", actions(button(text=plain("x" * 75))), actions(button(text=plain("x" * 76)))),
    ("button value", actions(button(value="x" * 2000)), actions(button(value="x" * 2001))),
    ("action id", actions(button(action_id="x" * 255)), actions(button(action_id="x" * 256))),
    ("style", actions(button(style="danger")), actions(button(style="loud"))),
    ("confirm", actions(button(confirm=confirm(300))), actions(button(confirm=confirm(301)))),
    ("overflow", actions(menu("overflow", 5)), actions(menu("overflow", 6))),
    ("options", actions(menu("static_select", 100)), actions(menu("static_select", 101))),
    ("radio buttons", actions(menu("radio_buttons", 10)), actions(menu("radio_buttons", 11))),
    (
        "option value",
        actions(menu("overflow", 0) | {"options": [{"text": plain("a"), "value": "x" * 150}]}),
        actions(menu("overflow", 0) | {"options": [{"text": plain("a"), "value": "x" * 151}]}),
    ),
    (
        "initial option",
        actions(menu("static_select", 2, initial_option={"text": plain("o1"), "value": "1"})),
        actions(menu("static_select", 2, initial_option={"text": plain("o1"), "value": "2"})),
    ),
    (
        "action ids",
        actions(button(), button(action_id="other")),
        actions(button(), button()),
    ),
    ("elements", actions(*many(25)), actions(*many(26))),
    (
        "context",
        {"type": "context", "elements": FIELDS * 10},
        {"type": "context", "elements": FIELDS * 11},
    ),
    ("where an input stands", field(TYPED), actions(TYPED)),
    ("unknown keys", section("x"), section("x") | {"colour": "red"}),
    ("unknown types", {"type": "divider"}, {"type": "marquee"}),
    ("an empty text", section("x"), section("")),
    ("markup in a header", {"type": "header", "text": plain("x")}, {"type": "header", "text": FIELDS[0]}),
    ("a picture needs words", PICTURE, PICTURE | {"alt_text": None}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fits", "breaks"), [row[1:] for row in FITS_AND_BREAKS], ids=[row[0] for row in FITS_AND_BREAKS]
)
def test_a_limit_is_where_slack_has_it(fits: Json, breaks: Json) -> None:
    """The longest that fits is taken, the next is refused with a pointer into the block."""
    assert check_blocks([fits], "message") == []
    [finding, *_] = check_blocks([breaks], "message")
    assert "[json-pointer:/blocks/0" in finding


def test_fifty_blocks_a_message_and_a_hundred_a_modal() -> None:
    """One block more is too many."""
    assert check_blocks([{"type": "divider"}] * 50, "message") == []
    assert check_blocks([{"type": "divider"}] * 51, "message") == [
        "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"
    ]
    assert check_blocks([{"type": "divider"}] * 100, "modal") == []
    assert check_blocks([{"type": "divider"}] * 101, "modal") != []


def test_two_blocks_cannot_share_an_id() -> None:
    """The id of a block is unique in its message."""
    twice = [section("a") | {"block_id": "x"}, section("b") | {"block_id": "x"}]
    assert "already exists" in check_blocks(twice, "message")[0]


def test_a_message_of_many_fine_blocks_can_still_be_too_long() -> None:
    """Slack counts the whole message too, at about 13,000 characters."""
    check_message_blocks([section("x" * 2900)] * 4)
    with pytest.raises(SlackError) as caught:
        check_message_blocks([section("x" * 2900)] * 5)
    assert caught.value.code == "msg_blocks_too_long"


def test_blocks_that_are_no_list() -> None:
    """A form of blocks that cannot be read has its own code."""
    with pytest.raises(SlackError) as caught:
        check_message_blocks({"type": "divider"})
    assert caught.value.code == "invalid_blocks_format"


def modal(**more: Any) -> Json:
    return {"type": "modal", "title": plain("Add"), "blocks": [section("x")]} | more


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (modal(title=plain("x" * 25)), "/view/title/text"),
        (modal(private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(callback_id="x" * 256), "/view/callback_id"),
        (modal(blocks=[field(TYPED)]), "missing required field: submit"),
        (modal(blocks=[section("x" * 3001)]), "/view/blocks/0/text/text"),
        ({"type": "window"}, "/view/type"),
    ],
)
def test_a_view_that_slack_refuses(view: Json, words: str) -> None:
    """invalid_arguments, with the place."""
    with pytest.raises(SlackError) as caught:
        check_view(view)
    assert caught.value.code == "invalid_arguments"
    assert words in " ".join(caught.value.messages)


def test_a_view_that_is_too_large() -> None:
    """More than 250 kB of view have their own code."""
    with pytest.raises(SlackError) as caught:
        check_view(modal(blocks=[section("x" * 3000)] * 90))
    assert caught.value.code == "view_too_large"


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"event_type": "a"}, "invalid_metadata_format"),
        ({"event_type": 1, "event_payload": {}}, "invalid_metadata_format"),
        ({"event_type": "a", "event_payload": {"x": "y" * 9000}}, "metadata_too_large"),
    ],
)
def test_metadata(metadata: Json, code: str) -> None:
    """Metadata has a type and a payload, and a size."""
    with pytest.raises(SlackError) as caught:
        check_metadata(metadata)
    assert caught.value.code == code
