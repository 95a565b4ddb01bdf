"""A bot written with the official framework, connected by Socket Mode, and people who use it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import App as Bolt
from slack_sdk.webhook import WebhookClient

from bot.sandbox import NotThereError, SandboxServer

Connect = Callable[[], None]


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def card(state: str) -> list[dict[str, Any]]:
    menu = [{"text": plain(text), "value": text} for text in ("Snooze 1 h", "False alarm")]
    sure = {"title": plain("Sure?"), "text": plain("It ends."), "confirm": plain("Yes"), "deny": plain("No")}
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*{state}*"}},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": "ack", "text": plain("Acknowledge"), "value": "7"},
                {"type": "button", "action_id": "end", "text": plain("Resolve"), "confirm": sure},
                {"type": "overflow", "action_id": "more", "options": menu},
            ],
        },
    ]


def asks(name: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    element = {"action_id": "x", **element}
    return {"type": "input", "block_id": name, "label": plain(label), "element": element, **more}


TONGUES = [{"text": plain("中文"), "value": "zh"}, {"text": plain("English"), "value": "en"}]
HERE = {"type": "conversations_select", "default_to_current_conversation": True}
MODAL = {
    "type": "modal",
    "callback_id": "add",
    "title": plain("Watch"),
    "submit": plain("Watch"),
    "notify_on_close": True,
    "blocks": [
        asks("name", "Name", {"type": "plain_text_input", "min_length": 2}),
        asks("to", "Channel", HERE),
        asks("who", "Owner", {"type": "users_select"}, optional=True),
        asks("tongues", "Languages", {"type": "checkboxes", "options": TONGUES}, optional=True),
    ],
}


def test_a_command_is_answered_to_its_person_only(bolt: Bolt, connect: Connect, slack: SandboxServer) -> None:
    """ack and respond reach the one who typed."""

    @bolt.command("/opinion")
    def listen(ack: Any, command: Any, respond: Any) -> None:
        ack()
        respond(f"you asked for {command['text']}")

    connect()
    lead = slack.sandbox.person("Lead")
    lead.types("#crisis", "/opinion topic Lumen")
    assert lead.waits_for("crisis", "you asked for topic Lumen").ephemeral
    assert slack.sandbox.person("舆情专员").reads("crisis") == []


def test_an_ack_can_carry_the_answer(bolt: Bolt, connect: Connect, slack: SandboxServer) -> None:
    """To everybody if it says so."""
    bolt.command("/opinion")(lambda ack: ack(text="all of you", response_type="in_channel"))
    connect()
    slack.sandbox.person("Lead").types("crisis", "/opinion")
    assert [one.text for one in slack.sandbox.person("舆情专员").reads("crisis")] == ["all of you"]


def test_a_card_is_acknowledged_by_a_click(bolt: Bolt, connect: Connect, slack: SandboxServer) -> None:
    """The payload carries the message, the value and who clicked; the card changes in place."""
    seen: list[Any] = []

    @bolt.action("ack")
    def listen(ack: Any, body: Any, client: Any) -> None:
        ack()
        seen.append(body)
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="done", blocks=card("Owned"))

    connect()
    bolt.client.chat_postMessage(channel="#crisis", text="open", blocks=card("Open"))
    lead = slack.sandbox.person("Lead")
    message = lead.reads("crisis")[0]
    assert (message.buttons, message.options) == (["Acknowledge", "Resolve"], ["Snooze 1 h", "False alarm"])
    lead.clicks(message, "Acknowledge")
    lead.waits_for("crisis", "Owned")
    assert seen[0]["actions"][0]["value"] == "7"
    assert seen[0]["user"]["id"] == lead.id
    assert len(slack.sandbox.messages("crisis")) == 1
    with pytest.raises(NotThereError, match="Acknowledge"):
        lead.clicks(message, "Delete everything")


def test_menus_and_questions(bolt: Bolt, connect: Connect, slack: SandboxServer) -> None:
    """A choice carries its option; "are you sure? no" sends nothing."""
    seen: list[str] = []

    @bolt.action("more")
    def more(ack: Any, action: Any) -> None:
        ack()
        seen.append(action["selected_option"]["value"])

    @bolt.action("end")
    def end(ack: Any) -> None:
        ack()
        seen.append("end")

    connect()
    bolt.client.chat_postMessage(channel="#crisis", text="open", blocks=card("Open"))
    lead = slack.sandbox.person("Lead")
    message = lead.reads("crisis")[0]
    lead.clicks(message, "Resolve", confirm=False)
    lead.chooses(message, "Snooze 1 h")
    lead.clicks(message, "Resolve")
    assert seen == ["Snooze 1 h", "end"]


def test_a_modal_is_filled_in(bolt: Bolt, connect: Connect, slack: SandboxServer) -> None:
    """The client's own checks, then the bot's, then it closes with every value in its place."""
    got: list[Any] = []

    @bolt.command("/opinion")
    def ask(ack: Any, command: Any, client: Any) -> None:
        ack()
        client.views_open(trigger_id=command["trigger_id"], view=MODAL)

    @bolt.view("add")
    def submit(ack: Any, view: Any) -> None:
        values = view["state"]["values"]
        if values["name"]["x"]["value"] == "taken":
            return ack(response_action="errors", errors={"name": "This topic exists."})
        got.append(values)
        return ack()

    connect()
    officer = slack.sandbox.person("舆情专员")
    officer.types("crisis", "/opinion add")
    form = officer.waits_for_form()
    assert form.title == "Watch"
    assert form.submits() == {"name": "请填写此必填项。"}
    assert form.fills({"Name": "x"}).submits() == {"name": "内容太短。"}
    assert form.fills({"Name": "taken"}).submits() == {"name": "This topic exists."}
    assert form.fills({"Name": "露明", "Owner": "Lead", "Languages": ["中文"]}).submits() == {}
    [values] = got
    assert values["to"]["x"]["selected_conversation"] == "C0000000001"
    assert values["who"]["x"]["selected_user"] == "U0000000001"
    assert [one["value"] for one in values["tongues"]["x"]["selected_options"]] == ["zh"]
    with pytest.raises(NotThereError):
        _ = officer.form
    assert slack.sandbox.faults == []


def test_modals_stack_update_and_close(bolt: Bolt, connect: Connect, slack: SandboxServer) -> None:
    """push and update by response_action; three at most; the bot hears of a closed one."""
    closed = threading.Event()

    def named(title: str) -> dict[str, Any]:
        return MODAL | {"title": plain(title), "blocks": [{"type": "divider"}]}

    steps = iter(("second", "third", "fourth"))

    @bolt.command("/opinion")
    def ask(ack: Any, command: Any, client: Any) -> None:
        ack()
        client.views_open(trigger_id=command["trigger_id"], view=named("first"))

    @bolt.view("add")
    def submit(ack: Any) -> None:
        ack(response_action="push", view=named(next(steps)))

    @bolt.view_closed("add")
    def gone(ack: Any) -> None:
        ack()
        closed.set()

    connect()
    lead = slack.sandbox.person("Lead")
    lead.types("crisis", "/opinion add")
    lead.waits_for_form()
    for title in ("first", "second", "third"):
        assert lead.form.title == title
        lead.form.submits()
    assert lead.form.errors == {"": "We had some trouble connecting. Try again?"}
    assert [one.code for one in slack.sandbox.faults] == ["push_limit_reached"]
    lead.form.closes()
    assert closed.wait(5)
    assert lead.form.title == "second"


def test_a_trigger_is_good_once_and_for_three_seconds(slack: SandboxServer) -> None:
    """Twice is exchanged, late is expired, made up is invalid."""
    tickets = slack.sandbox.board.tickets
    names = [tickets.trigger("U0000000001") for _ in range(2)]
    view = MODAL | {"blocks": [{"type": "divider"}]}

    def opened(name: str) -> str:
        body = slack.sandbox.call("views.open", {"trigger_id": name, "view": view}).body
        return str(body.get("error", "ok"))

    assert [opened(names[0]), opened(names[0]), opened("no")] == ["ok", "exchanged_trigger_id", "invalid_trigger_id"]
    tickets._triggers[names[1]].born -= 4
    assert opened(names[1]) == "expired_trigger_id"


def test_a_response_address_is_good_five_times(slack: SandboxServer) -> None:
    """The sixth is refused, and what is broken is too."""
    hook = WebhookClient(slack.sandbox.board.response_url("U0000000001", "C0000000001"))
    assert hook.send(text="").body == "no_text"
    codes = [hook.send(text=str(at)).body for at in range(5)]
    assert codes == ["ok"] * 4 + ["used_url"]


def test_a_response_can_replace_and_delete_what_was_clicked(slack: SandboxServer) -> None:
    """An ephemeral can be changed in no other way."""
    lead = slack.sandbox.person("Lead")
    slack.sandbox.call("chat.postEphemeral", {"channel": "C0000000001", "user": lead.id, "text": "choose"})
    [message] = lead.reads("crisis")
    hook = WebhookClient(slack.sandbox.board.response_url(lead.id, message.channel, ts=message.ts))
    hook.send(text="chosen", replace_original=True)
    assert [one.text for one in lead.reads("crisis")] == ["chosen"]
    hook.send(delete_original=True)
    assert lead.reads("crisis") == []


def test_events(bolt: Bolt, connect: Connect, slack: SandboxServer) -> None:
    """Mentions, direct messages, reactions and the Home tab reach an app that subscribes to them."""
    heard: list[str] = []
    done = threading.Event()
    view = {"type": "home", "blocks": [{"type": "header", "text": plain("Open incidents")}]}

    @bolt.event("app_mention")
    def mention(event: Any, say: Any) -> None:
        heard.append(event["text"])
        say("yes?")

    @bolt.event("message")
    def direct(event: Any) -> None:
        heard.append(event["channel_type"])

    @bolt.event("reaction_added")
    def reaction(event: Any) -> None:
        heard.append(event["reaction"])

    @bolt.event("app_home_opened")
    def home(event: Any, client: Any) -> None:
        client.views_publish(user_id=event["user"], view=view)
        done.set()

    connect()
    lead = slack.sandbox.person("Lead")
    lead.types("crisis", "@Tocsin are you there?")
    answer = lead.waits_for("crisis", "yes?")
    lead.writes_to_bot("hello")
    lead.reacts(answer, ":eyes:")
    lead.opens_home()
    assert done.wait(5)
    slack.sandbox.settled()
    assert heard == ["<@U0TOCSIN01> are you there?", "im", "eyes"]
    assert slack.sandbox.workspace.homes[lead.id].body["blocks"][0]["text"]["text"] == "Open incidents"


def test_a_lost_ack_repeats_the_event(bolt: Bolt, connect: Connect, slack: SandboxServer) -> None:
    """The same event_id comes twice: Slack repeats, the bot must not."""
    heard: list[str] = []
    bolt.event("app_mention")(lambda body: heard.append(body["event_id"]))
    connect()
    slack.sandbox.repeat_next()
    slack.sandbox.person("Lead").types("crisis", "@Tocsin?")
    slack.sandbox.until(lambda: len(heard) == 2)
    assert len(set(heard)) == 1


def test_a_command_that_nobody_answers(slack: SandboxServer) -> None:
    """The person is told in their own language, and the service goes on."""
    officer = slack.sandbox.person("舆情专员")
    officer.types("crisis", "/opinion help")
    officer.types("crisis", "/weather")
    texts = [one.text for one in officer.reads("crisis")]
    assert texts == [
        "/opinion 执行失败，错误：“dispatch_failed”。",
        "/weather 不是有效的命令。此应用可用的命令：/opinion。",
    ]
    assert all(one.from_slack and one.ephemeral for one in officer.reads("crisis"))


def test_commands_do_not_work_in_threads(client: Any, slack: SandboxServer) -> None:
    """As in Slack; the bot hears nothing."""
    client.chat_postMessage(channel="#crisis", text="card")
    lead = slack.sandbox.person("Lead")
    lead.types("crisis", "/opinion help", thread=lead.reads("crisis")[0])
    assert "does not work in threads" in lead.reads("crisis")[-1].text


def test_three_people_click_at_once(bolt: Bolt, connect: Connect, slack: SandboxServer) -> None:
    """Every click arrives once; who wins is the bot's affair."""
    clicks: list[str] = []

    @bolt.action("ack")
    def listen(ack: Any, body: Any) -> None:
        ack()
        clicks.append(body["user"]["id"])

    connect()
    bolt.client.chat_postMessage(channel="#crisis", text="open", blocks=card("Open"))
    for person in slack.sandbox.people:
        person.clicks(person.reads("crisis")[0], "Acknowledge", wait=False)
    slack.sandbox.settled()
    assert sorted(clicks) == ["U0000000001", "U0000000002"]


@pytest.mark.parametrize("politely", [True, False])
def test_an_event_that_falls_into_a_reconnection_is_sent_again(
    bolt: Bolt, connect: Connect, slack: SandboxServer, *, politely: bool
) -> None:
    """The official client reads its new socket only after a while; Slack repeats what it did not acknowledge."""
    heard: list[str] = []
    bolt.event("app_mention")(lambda body: heard.append(body["event_id"]))
    connect()
    slack.sandbox.drop_sockets(politely=politely)
    slack.sandbox.connected()
    slack.sandbox.person("Lead").types("crisis", "@Tocsin?")
    assert len(set(heard)) == 1


def test_no_more_than_ten_sockets(slack: SandboxServer) -> None:
    """The eleventh is refused, as Slack does."""
    from bot.sandbox.errors import SlackError
    from bot.sandbox.sockets import Socket

    quiet = Socket(send=lambda text: None, close=lambda: None)
    for _ in range(10):
        slack.sandbox.board.outbox.connect(quiet)
    with pytest.raises(SlackError, match="too_many_websockets"):
        slack.sandbox.board.outbox.connect(quiet)
