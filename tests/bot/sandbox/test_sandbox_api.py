"""The Web API as the official client meets it, with Slack's own error codes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.infra.clock import VirtualClock
from bot.sandbox import App, Room, Sandbox, SandboxServer, Somebody, Subteam

CRISIS = "C0000000001"
LEAD = "U0000000001"


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def test_a_token_says_who_it_is_and_what_it_may(client: WebClient) -> None:
    """auth.test answers with the bot and, in a header, its scopes."""
    answer = client.auth_test()
    assert answer["user_id"].startswith("U")
    assert answer["bot_id"].startswith("B")
    assert "chat:write" in answer.headers["x-oauth-scopes"]


def test_tokens_that_do_not_work(slack: SandboxServer) -> None:
    """Unknown, revoked and the wrong kind of token each have their code."""
    assert refused(WebClient(token="xoxb-no", base_url=slack.api_url).auth_test) == "invalid_auth"
    app = WebClient(token=slack.app_token, base_url=slack.api_url)
    assert refused(app.auth_test) == "not_allowed_token_type"
    slack.sandbox.revoke_token()
    bot = WebClient(token=slack.bot_token, base_url=slack.api_url)
    assert refused(bot.auth_test) == "token_revoked"
    assert httpx.post(f"{slack.api_url}auth.test", trust_env=False).json()["error"] == "not_authed"


def test_a_scope_that_the_app_never_asked_for() -> None:
    """missing_scope says which, as the manifest of the app decides."""
    sandbox = Sandbox(app=App(scopes=("chat:write",)))
    answer = sandbox.call("users.info", {"user": LEAD}).body
    assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read")
    assert sandbox.faults[0].code == "missing_scope"
    sandbox.stop()


def test_posting_reading_changing_and_deleting(client: WebClient, slack: SandboxServer) -> None:
    """A message goes through its life, and people see each step."""
    posted = client.chat_postMessage(channel="#crisis", text="first")
    lead = slack.sandbox.person("Lead")
    assert [one.text for one in lead.reads("crisis")] == ["first"]
    client.chat_update(channel=CRISIS, ts=posted["ts"], text="second")
    assert [one.plain() for one in lead.reads("crisis")] == ["second"]
    link = client.chat_getPermalink(channel=CRISIS, message_ts=posted["ts"])["permalink"]
    assert link.endswith(posted["ts"].replace(".", ""))
    client.chat_delete(channel=CRISIS, ts=posted["ts"])
    assert lead.reads("crisis") == []


def test_what_an_update_leaves_out_stays(client: WebClient) -> None:
    """Blocks are kept unless the update names them; an empty list takes them away."""
    blocks = [{"type": "divider"}]
    ts = client.chat_postMessage(channel=CRISIS, text="a", blocks=blocks)["ts"]
    assert client.chat_update(channel=CRISIS, ts=ts, text="b")["message"]["blocks"]
    assert "blocks" not in client.chat_update(channel=CRISIS, ts=ts, text="b", blocks=[])["message"]


def test_metadata_comes_back_only_when_asked_for(client: WebClient) -> None:
    """The mark by which a bot finds its own message again."""
    metadata = {"event_type": "alert", "event_payload": {"key": "k1"}}
    client.chat_postMessage(channel=CRISIS, text="a", metadata=metadata)
    [bare] = client.conversations_history(channel=CRISIS)["messages"]
    [full] = client.conversations_history(channel=CRISIS, include_all_metadata=True)["messages"]
    assert "metadata" not in bare
    assert full["metadata"] == metadata


def test_threads(client: WebClient) -> None:
    """Replies stand in the thread; the channel's history tells only their number."""
    parent = client.chat_postMessage(channel=CRISIS, text="card")["ts"]
    for text in ("worse", "calm"):
        client.chat_postMessage(channel=CRISIS, text=text, thread_ts=parent)
    [message] = client.conversations_history(channel=CRISIS)["messages"]
    assert message["reply_count"] == 2
    thread = client.conversations_replies(channel=CRISIS, ts=parent)["messages"]
    assert [one["text"] for one in thread] == ["card", "worse", "calm"]
    assert refused(client.conversations_replies, channel=CRISIS, ts="1.000000") == "thread_not_found"


def test_a_reply_to_a_deleted_parent_stands_top_level(client: WebClient) -> None:
    """Slack says nothing about it: only the missing thread_ts tells."""
    parent = client.chat_postMessage(channel=CRISIS, text="card")["ts"]
    client.chat_delete(channel=CRISIS, ts=parent)
    answer = client.chat_postMessage(channel=CRISIS, text="worse", thread_ts=parent)
    assert "thread_ts" not in answer["message"]


def test_a_deleted_parent_with_replies_leaves_a_tombstone(client: WebClient) -> None:
    """The thread stays readable."""
    parent = client.chat_postMessage(channel=CRISIS, text="card")["ts"]
    client.chat_postMessage(channel=CRISIS, text="reply", thread_ts=parent)
    client.chat_delete(channel=CRISIS, ts=parent)
    assert client.conversations_history(channel=CRISIS)["messages"][0]["subtype"] == "tombstone"


def test_history_is_paged(client: WebClient) -> None:
    """The newest first, by cursor, between two times."""
    stamps = [client.chat_postMessage(channel=CRISIS, text=str(at))["ts"] for at in range(5)]
    pages = client.conversations_history(channel=CRISIS, limit=2)
    assert [one["text"] for page in pages for one in page["messages"]] == list("43210")
    between = client.conversations_history(channel=CRISIS, oldest=stamps[1], latest=stamps[3])
    assert [one["text"] for one in between["messages"]] == ["2"]


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        ("C9999999999", "channel_not_found"),
        ("#outside", "not_in_channel"),
        ("#locked", "channel_not_found"),
        ("#gone", "channel_not_found"),
    ],
)
def test_channels_that_cannot_be_posted_to(client: WebClient, channel: str, code: str) -> None:
    """A private channel without the bot does not exist for it."""
    assert refused(client.chat_postMessage, channel=channel, text="x") == code


def test_an_archived_channel(client: WebClient, slack: SandboxServer) -> None:
    """It refuses, and takes messages again once it is back."""
    slack.sandbox.archive("crisis")
    assert refused(client.chat_postMessage, channel=CRISIS, text="x") == "is_archived"
    slack.sandbox.archive("crisis", archived=False)
    assert client.chat_postMessage(channel=CRISIS, text="x")["ok"]


@pytest.mark.filterwarnings("ignore:The top-level")  # the official client rightly warns of a missing text
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": [{"type": "header"}]}, "invalid_blocks"),
        ({"text": "x", "attachments": [{"text": "a"}] * 101}, "too_many_attachments"),
        ({"text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
    ],
)  # fmt: skip
def test_messages_that_slack_refuses_are_kept_as_faults(
    client: WebClient, slack: SandboxServer, arguments: dict[str, Any], code: str
) -> None:
    """So that any test can end by asserting that there were none."""
    assert refused(client.chat_postMessage, channel=CRISIS, **arguments) == code
    assert [one.code for one in slack.sandbox.faults] == [code]


def test_invalid_blocks_say_where(client: WebClient) -> None:
    """response_metadata carries the pointer, as Slack's does."""
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=CRISIS, text="x", blocks=[{"type": "section"}])
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must define either `text` or `fields` [json-pointer:/blocks/0]"
    ]


def test_the_bot_changes_only_its_own_messages(client: WebClient, slack: SandboxServer) -> None:
    """What a person wrote is theirs, and what is not there cannot be found."""
    lead = slack.sandbox.person("Lead")
    lead.types("crisis", "mine")
    ts = lead.reads("crisis")[0].ts
    assert refused(client.chat_update, channel=CRISIS, ts=ts, text="x") == "cant_update_message"
    assert refused(client.chat_delete, channel=CRISIS, ts=ts) == "cant_delete_message"
    assert refused(client.chat_update, channel=CRISIS, ts="1.000000", text="x") == "message_not_found"


def test_an_update_has_less_room_than_a_posting(client: WebClient) -> None:
    """4,000 characters of text, where a new message may have 40,000."""
    ts = client.chat_postMessage(channel=CRISIS, text="x" * 5000)["ts"]
    assert refused(client.chat_update, channel=CRISIS, ts=ts, text="x" * 4001) == "msg_too_long"


def test_an_ephemeral_is_seen_by_one_person(client: WebClient, slack: SandboxServer) -> None:
    """Nobody else sees it, history does not know it, and it cannot be changed."""
    ts = client.chat_postEphemeral(channel=CRISIS, user=LEAD, text="psst")["message_ts"]
    assert slack.sandbox.person("Lead").reads("crisis")[0].ephemeral
    assert slack.sandbox.person("舆情专员").reads("crisis") == []
    assert client.conversations_history(channel=CRISIS)["messages"] == []
    assert refused(client.chat_update, channel=CRISIS, ts=ts, text="x") == "message_not_found"
    assert refused(client.chat_postEphemeral, channel=CRISIS, user="U9", text="x") == "user_not_found"


def test_direct_messages(client: WebClient, slack: SandboxServer) -> None:
    """Posting to a person opens the conversation; opening it twice gives the same one."""
    channel = client.chat_postMessage(channel=LEAD, text="you are next")["channel"]
    assert client.conversations_open(users=LEAD)["channel"]["id"] == channel
    lead = slack.sandbox.person("Lead")
    assert [one.text for one in lead.reads(lead.direct)] == ["you are next"]


def test_people_and_channels_can_be_looked_up(client: WebClient) -> None:
    """By id, by e-mail, by membership; the language of a person comes on request."""
    assert client.users_info(user="U0000000002", include_locale=True)["user"]["locale"] == "zh-CN"
    assert client.users_lookupByEmail(email="lead@brand.example")["user"]["id"] == LEAD
    assert refused(client.users_lookupByEmail, email="no@brand.example") == "users_not_found"
    mine = client.users_conversations(types="public_channel,private_channel")["channels"]
    assert [one["name"] for one in mine] == ["crisis"]
    assert client.conversations_info(channel="C0000000003")["channel"]["is_member"] is False
    assert client.conversations_join(channel="C0000000003")["channel"]["is_member"] is True
    assert LEAD in client.conversations_members(channel=CRISIS)["members"]
    assert client.bots_info(bot=client.auth_test()["bot_id"])["bot"]["name"] == "Tocsin"


def test_reactions_and_pins(client: WebClient, slack: SandboxServer) -> None:
    """Each sticks once."""
    ts = client.chat_postMessage(channel=CRISIS, text="card")["ts"]
    client.reactions_add(channel=CRISIS, timestamp=ts, name="eyes")
    client.pins_add(channel=CRISIS, timestamp=ts)
    assert refused(client.reactions_add, channel=CRISIS, timestamp=ts, name="eyes") == "already_reacted"
    assert refused(client.pins_add, channel=CRISIS, timestamp=ts) == "already_pinned"
    [message] = slack.sandbox.messages("crisis")
    assert (list(message.reactions), message.pinned) == (["eyes"], True)


def test_a_file_is_uploaded_in_two_steps(client: WebClient, slack: SandboxServer) -> None:
    """The official client's helper works, and the file can be fetched."""
    client.files_upload_v2(channel=CRISIS, content="# Brief", filename="brief.md", title="Brief", initial_comment="see")
    seen = slack.sandbox.person("Lead").reads("crisis")[0]
    assert seen.plain() == "see\nBrief"
    address = slack.sandbox.workspace.files[seen.message.files[0]].public(slack.url)["url_private"]
    assert httpx.get(address, trust_env=False).text == "# Brief"


def test_an_unknown_method(client: WebClient) -> None:
    """Slack's word for it."""
    with pytest.raises(SlackApiError) as caught:
        client.api_call("chat.shout")
    assert caught.value.response["error"] == "unknown_method"


def test_one_message_a_second_a_channel(clock: VirtualClock) -> None:
    """A short burst passes; then 429 with the seconds to wait, and after those it works again."""
    sandbox = Sandbox(channels=["a", "b"], clock=clock)
    codes = [sandbox.call("chat.postMessage", {"channel": "#a", "text": "x"}).status for _ in range(6)]
    assert codes == [200] * 4 + [429] * 2
    assert sandbox.call("chat.postMessage", {"channel": "#b", "text": "x"}).status == 200
    late = sandbox.call("chat.postMessage", {"channel": "#a", "text": "x"})
    clock.set(clock.now().replace(second=int(late.headers["Retry-After"])))
    assert sandbox.call("chat.postMessage", {"channel": "#a", "text": "x"}).status == 200
    assert sandbox.faults == []
    sandbox.stop()


def test_a_tier_is_counted_by_the_minute(clock: VirtualClock) -> None:
    """conversations.list is tier 2: twenty a minute."""
    sandbox = Sandbox(clock=clock)
    codes = [sandbox.call("conversations.list", {}).status for _ in range(21)]
    assert codes == [200] * 20 + [429]
    sandbox.stop()


def test_failures_can_be_ordered(client: WebClient, slack: SandboxServer) -> None:
    """Before the deed, after the deed, by HTTP status, and only for some calls."""
    order = slack.sandbox.fail_next
    order("chat.postMessage", error="internal_error")
    assert refused(client.chat_postMessage, channel=CRISIS, text="a") == "internal_error"
    order("chat.postMessage", error="internal_error", after_the_deed=True)
    assert refused(client.chat_postMessage, channel=CRISIS, text="b") == "internal_error"
    order("chat.postMessage", retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=CRISIS, text="c")
    assert caught.value.response.headers["Retry-After"] == "7"
    order("chat.postMessage", only=lambda arguments: arguments["text"] == "never")
    client.chat_postMessage(channel=CRISIS, text="d")
    assert [one.text for one in slack.sandbox.messages("crisis")] == ["b", "d"]
    assert slack.sandbox.faults == []


def test_a_connection_that_breaks_after_the_deed_posts_twice(client: WebClient, slack: SandboxServer) -> None:
    """The official client's own retry of connections does that, unless it is switched off."""
    slack.sandbox.fail_next("chat.postMessage", hang_up=True, after_the_deed=True)
    client.chat_postMessage(channel=CRISIS, text="twice")
    assert len(slack.sandbox.messages("crisis")) == 2
    careful = WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    slack.sandbox.fail_next("chat.postMessage", hang_up=True, after_the_deed=True)
    with pytest.raises(OSError):
        careful.chat_postMessage(channel=CRISIS, text="once")
    assert len(slack.sandbox.messages("crisis")) == 3


def test_people_of_every_kind_and_their_groups() -> None:
    """Guests, bots, closed accounts and people of another workspace are told apart; user groups have members."""
    people = [
        Somebody(name="Ada", id="UADA"),
        Somebody(name="Guest", id="UGUEST", guest="single"),
        Somebody(name="Robot", id="UROBOT", bot=True),
        Somebody(name="Partner", id="UPARTNER", team="T0ELSEWHER"),
        Somebody(name="Former", id="UFORMER", deleted=True),
    ]
    rooms = [Room(name="pr", id="C0PR", people=("Ada", "Guest"))]
    sandbox = Sandbox(people=people, channels=rooms, groups=[Subteam(handle="chiefs", people=("Ada",))])

    def told(who: str) -> dict[str, Any]:
        return dict(sandbox.call("users.info", {"user": who}).body["user"])

    assert (told("UGUEST")["is_restricted"], told("UGUEST")["is_ultra_restricted"]) == (True, True)
    assert (told("UADA")["is_restricted"], told("UADA")["is_bot"]) == (False, False)
    assert told("UROBOT")["is_bot"]
    assert (told("UPARTNER")["team_id"], told("UPARTNER")["is_stranger"]) == ("T0ELSEWHER", True)
    assert told("UFORMER")["deleted"]
    assert {"UADA", "UGUEST"} < set(sandbox.call("conversations.members", {"channel": "C0PR"}).body["members"])
    assert "UROBOT" not in sandbox.call("conversations.members", {"channel": "C0PR"}).body["members"]
    [group] = sandbox.call("usergroups.list", {}).body["usergroups"]
    assert (group["handle"], group["user_count"]) == ("chiefs", 1)
    assert sandbox.call("usergroups.users.list", {"usergroup": group["id"]}).body["users"] == ["UADA"]
    assert sandbox.call("usergroups.users.list", {"usergroup": "S0"}).body["error"] == "no_such_subteam"
    sandbox.stop()
