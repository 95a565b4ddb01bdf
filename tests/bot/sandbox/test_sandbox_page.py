"""The page in a real browser: a person reads, types, clicks and fills in, in both languages, wide and on a phone."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from slack_bolt import App as Bolt
from slack_sdk import WebClient

from bot.i18n.catalogue import LANGUAGES
from bot.i18n.speech import Speech
from bot.sandbox import SandboxServer
from bot.sandbox.pageserver import PAGE

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
LEAD, OFFICER, CRISIS = "U0000000001", "U0000000002", "C0000000001"
EVIL = '<img src=x onerror="document.title=1"> <script>alert(1)</script>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium from the system. Missing: skipped at home, failed in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have Chromium for the page's tests.")
        pytest.skip("needs headless Chromium")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=flags)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, slack: SandboxServer) -> Iterator[Callable[..., Page]]:
    """Open the page as a person; any error in its scripts fails the test."""
    contexts, errors = [], []

    def go(who: str = LEAD, *, size: tuple[int, int] = (1280, 800), path: str = "/") -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{slack.url}{path}#{who}")
        expect(page.locator(".composer textarea").first).to_be_visible()
        return page

    yield go
    for context in contexts:
        context.close()
    assert errors == []


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def card(state: str) -> list[dict[str, Any]]:
    sure = {"title": plain("Resolve?"), "text": plain("It ends."), "confirm": plain("Yes, end it"), "deny": plain("No")}
    return [
        {"type": "header", "text": plain("Orange · Lumen")},
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*{state}* for <@{LEAD}>"}},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "style": "primary", "action_id": "ack", "text": plain("Acknowledge")},
                {"type": "button", "action_id": "end", "text": plain("Resolve"), "confirm": sure},
                {"type": "overflow", "action_id": "more", "options": [{"text": plain("Snooze 1 h"), "value": "1"}]},
            ],
        },
    ]


def test_a_message_appears_as_it_is_posted(visit: Callable[..., Page], client: WebClient) -> None:
    """Live, with its formatting, and what a stranger wrote stays text."""
    page = visit()
    escaped = EVIL.replace("<", "&lt;").replace(">", "&gt;")
    client.chat_postMessage(channel=CRISIS, text=f"*strong* :fire: <https://a.example|draft> {escaped}")
    message = page.locator(".message").last
    expect(message.locator("strong")).to_have_text("strong")
    expect(message.locator(".body a")).to_have_attribute("href", "https://a.example")
    expect(message).to_contain_text(EVIL)
    expect(message).to_contain_text("🔥")
    assert message.locator(".body img, .body script").count() == 0


def test_a_command_is_typed_and_answered(
    visit: Callable[..., Page], bolt: Bolt, connect: Callable[[], None], slack: SandboxServer
) -> None:
    """With completion; the answer is marked as visible to this person only."""
    bolt.command("/opinion")(lambda ack, command: ack(text=f"asked: {command['text']}"))
    connect()
    page = visit()
    box = page.locator(".main textarea")
    box.press_sequentially("/op")
    expect(page.locator(".hints button")).to_have_text("/opinion")
    box.press("Tab")
    box.press_sequentially("topics")
    box.press("Enter")
    answer = page.locator(".message.secret")
    expect(answer).to_contain_text("asked: topics")
    expect(answer).to_contain_text("Only visible to you")
    assert slack.sandbox.person("舆情专员").reads("crisis") == []


def test_buttons_questions_and_menus(
    visit: Callable[..., Page], bolt: Bolt, connect: Callable[[], None], client: WebClient
) -> None:
    """Each sends what was pressed; the card changes in place."""
    pressed: list[str] = []

    @bolt.action("ack")
    def ack_(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.chat_update(channel=CRISIS, ts=body["message"]["ts"], text="owned", blocks=card("Owned"))

    @bolt.action("end")
    def end(ack: Any) -> None:
        ack()
        pressed.append("end")

    @bolt.action("more")
    def more(ack: Any, action: Any) -> None:
        ack()
        pressed.append(action["selected_option"]["value"])

    connect()
    client.chat_postMessage(channel=CRISIS, text="open", blocks=card("Open"))
    page = visit()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".message")).to_contain_text("Owned for @Lead")
    page.get_by_role("button", name="More actions").click()
    page.locator(".menu .item").click()
    expect(page.locator(".message .busy")).to_have_count(0)
    page.get_by_role("button", name="Resolve").click()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_role("button", name="Resolve").click()
    page.get_by_role("button", name="Yes, end it").click()
    expect(page.locator(".message .busy")).to_have_count(0)
    assert pressed == ["1", "end"]


def test_a_menu_that_is_open_while_its_card_is_redrawn_still_chooses_what_it_shows(
    visit: Callable[..., Page], bolt: Bolt, connect: Callable[[], None], client: WebClient, slack: SandboxServer
) -> None:
    """As in Slack: what the person saw is sent, although the card carries other values by now, or no menu at all."""
    chosen: list[str] = []

    @bolt.action("more")
    def more(ack: Any, action: Any) -> None:
        ack()
        chosen.append(action["selected_option"]["value"])

    connect()
    posted = client.chat_postMessage(channel=CRISIS, text="open", blocks=card("Open"))
    page = visit()
    for state, buttons in (("Redrawn", json.loads(json.dumps(card("")[-1]).replace('"1"', '"2"'))), ("Closed", None)):
        page.get_by_role("button", name="More actions").click()
        blocks = [*card(state)[:-1], *([buttons] if buttons else [])]
        client.chat_update(channel=CRISIS, ts=posted["ts"], text=state, blocks=blocks)
        expect(page.locator(".message")).to_contain_text(f"{state} for @Lead")
        page.locator(".menu .item").click()
        expect(page.locator(".message .busy")).to_have_count(0)
    slack.sandbox.until(lambda: chosen == ["1", "2"])
    expect(page.locator(".toast")).to_have_count(0)


def test_a_form_shows_what_is_wrong_and_then_goes_away(
    visit: Callable[..., Page], bolt: Bolt, connect: Callable[[], None]
) -> None:
    """The client's own complaint, the bot's, and the value that arrives; in Chinese."""
    got: list[str] = []
    element = {"type": "plain_text_input", "action_id": "x"}
    block = {"type": "input", "block_id": "name", "label": plain("名称"), "element": element}
    view = {"type": "modal", "callback_id": "add", "title": plain("监测"), "submit": plain("开始"), "blocks": [block]}

    @bolt.command("/opinion")
    def ask(ack: Any, command: Any, client: Any) -> None:
        ack()
        client.views_open(trigger_id=command["trigger_id"], view=view)

    @bolt.view("add")
    def submit(ack: Any, view: Any) -> None:
        name = view["state"]["values"]["name"]["x"]["value"]
        got.append(name)
        ack(response_action="errors", errors={"name": "已存在"}) if name == "旧" else ack()

    connect()
    page = visit(OFFICER)
    page.locator(".main textarea").fill("/opinion add")
    page.locator(".main textarea").press("Enter")
    form = page.locator(".dialog")
    form.get_by_role("button", name="开始").click()
    expect(form.locator(".wrong")).to_have_text("请填写此必填项。")
    form.locator("input").fill("旧")
    form.get_by_role("button", name="开始").click()
    expect(form.locator(".wrong")).to_have_text("已存在")
    expect(form.locator("input")).to_have_value("旧")
    form.locator("input").fill("露明")
    form.get_by_role("button", name="开始").click()
    expect(form).to_have_count(0)
    assert got == ["旧", "露明"]


def test_threads_stand_at_the_side(visit: Callable[..., Page], client: WebClient, slack: SandboxServer) -> None:
    """The channel shows their number; opened, one can read and reply."""
    parent = client.chat_postMessage(channel=CRISIS, text="card")["ts"]
    client.chat_postMessage(channel=CRISIS, text="worse", thread_ts=parent)
    page = visit()
    page.get_by_role("button", name="1 reply").click()
    thread = page.locator(".thread")
    expect(thread.locator(".message")).to_have_count(2)
    thread.locator("textarea").fill("on it")
    thread.locator("textarea").press("Enter")
    expect(thread.locator(".message").last).to_contain_text("on it")
    assert [one.text for one in slack.sandbox.person("Lead").reads("crisis")[0].thread] == ["worse", "on it"]


def test_what_is_unread_is_marked(visit: Callable[..., Page], client: WebClient, slack: SandboxServer) -> None:
    """Bold for news, a number for what calls this person; gone once it was looked at."""
    page = visit()
    client.chat_postMessage(channel=LEAD, text="you own #7")
    room = page.locator(".room", has_text="Tocsin")
    expect(room.locator(".badge")).to_have_text("1")
    room.click()
    expect(page.locator(".main .message")).to_contain_text("you own #7")
    expect(page.locator(".badge")).to_have_count(0)


def test_one_can_act_as_another_person(visit: Callable[..., Page]) -> None:
    """The page then speaks that person's language."""
    page = visit()
    expect(page.locator(".rooms h2").first).to_have_text("Channels")
    page.locator(".me").click()
    page.locator(".menu .item", has_text="舆情专员").click()
    expect(page.locator(".rooms h2").first).to_have_text("频道")
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"


def test_the_page_says_whether_the_bot_is_there(
    visit: Callable[..., Page], connect: Callable[[], None], slack: SandboxServer
) -> None:
    """A command that fails is told in the channel, and the foot of the page knows why."""
    page = visit()
    expect(page.locator(".health")).to_have_text("Tocsin is not connected")
    page.locator(".main textarea").fill("/opinion help")
    page.locator(".main textarea").press("Enter")
    expect(page.locator(".message.secret")).to_contain_text("dispatch_failed")
    connect()
    expect(page.locator(".health")).to_have_text("Tocsin is connected")


@pytest.mark.parametrize(("size", "who"), [((1440, 900), LEAD), ((390, 844), LEAD), ((390, 844), OFFICER)])
def test_nothing_sticks_out(visit: Callable[..., Page], client: WebClient, size: tuple[int, int], who: str) -> None:
    """Whatever the text, the page never scrolls sideways."""
    long = "露明茶" * 200 + " " + "x" * 600
    client.chat_postMessage(channel=CRISIS, text=long)
    fields = [{"type": "mrkdwn", "text": long}] * 4
    client.chat_postMessage(channel=CRISIS, text="card", blocks=[{"type": "section", "fields": fields}, *card("Open")])
    page = visit(who, size=size)
    expect(page.locator(".message").last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('.list').scrollWidth <= document.querySelector('.list').clientWidth")


def test_a_phone_shows_one_pane_at_a_time(visit: Callable[..., Page], client: WebClient) -> None:
    """Back to the channels, into a thread, and back again."""
    parent = client.chat_postMessage(channel=CRISIS, text="card")["ts"]
    client.chat_postMessage(channel=CRISIS, text="worse", thread_ts=parent)
    page = visit(size=(390, 844))
    expect(page.locator(".sidebar")).to_be_hidden()
    page.locator(".replies").click()
    expect(page.locator(".main")).to_be_hidden()
    page.locator(".thread .back").click()
    page.locator(".main .back").click()
    expect(page.locator(".sidebar")).to_be_visible()
    page.locator(".room", has_text="crisis").click()
    expect(page.locator(".main")).to_be_visible()


def test_a_link_to_a_message_leads_to_it(visit: Callable[..., Page], client: WebClient, slack: SandboxServer) -> None:
    """chat.getPermalink gives an address that works."""
    ts = client.chat_postMessage(channel=CRISIS, text="that one")["ts"]
    link = client.chat_getPermalink(channel=CRISIS, message_ts=ts)["permalink"]
    page = visit(path=link.removeprefix(slack.url))
    expect(page.locator(f'[data-ts="{ts}"]')).to_contain_text("that one")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_language_of_whoever_looks_at_it(
    visit: Callable[..., Page], slack: SandboxServer, language: str
) -> None:
    """Its words come with the first screen, from the one catalogue."""
    members = slack.sandbox.workspace.members
    members[LEAD] = replace(members[LEAD], locale=f"{language}-XX")
    page, speech = visit(), Speech(language)
    expect(page.get_by_role("navigation")).to_contain_text(speech.say("sandbox.page.channels"))
    assert page.evaluate("document.documentElement.lang") == speech.say("sandbox.page.html")


def test_every_word_of_the_page_is_in_the_catalogue() -> None:
    said = {
        key for path in PAGE.glob("*.js") for key in re.findall(r'\bsay\("(\w+)"', path.read_text(encoding="utf-8"))
    }
    there = {key.removesuffix(".one").removesuffix(".other") for key in Speech("en").section("sandbox.page")}
    assert said
    assert said <= there


def test_another_site_cannot_act_for_a_person(slack: SandboxServer) -> None:
    """A page from elsewhere that knows the address is refused."""
    deed = {"as": LEAD, "deed": "type", "channel": CRISIS, "text": "hello"}
    address, elsewhere = f"{slack.url}/page/do", {"Origin": "https://evil.example"}
    assert httpx.post(address, json=deed, headers=elsewhere, trust_env=False).status_code == 403
    assert httpx.post(address, json=deed | {"deed": "explode"}, trust_env=False).status_code == 400
    assert httpx.post(address, json=deed, trust_env=False).json()["ok"]
    assert len(slack.sandbox.messages("crisis")) == 1


def test_what_is_gone_from_the_screen_is_told_by_a_code_that_the_page_has_words_for(slack: SandboxServer) -> None:
    deed = {"as": LEAD, "deed": "press", "channel": CRISIS, "ts": "1.1", "block": "b", "action": "a"}
    problem = httpx.post(f"{slack.url}/page/do", json=deed, trust_env=False).json()["problem"]
    assert problem == "message_gone"
    assert Speech("zh").section("sandbox.page")[f"problem.{problem}"] == "消息已不存在"
