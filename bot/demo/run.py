"""``tocsin demo``: the whole service on embedded defaults, over a local Slack, feeds of its own and a fast clock.

Nothing is faked: the poller fetches real feeds over HTTP, the model reads, the bot speaks Socket Mode. Only the
brand is made up, and the time.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from bot.app import Application
from bot.app import running as running_application
from bot.config.environment import Environment
from bot.demo import chatter, stage, storyline
from bot.demo.feeds import Feeds, FeedsServer
from bot.demo.stage import StageClock
from bot.demo.storyline import Line
from bot.errors import LocalisedError
from bot.i18n.localised import localised
from bot.ports import PostReader
from bot.sandbox import SandboxError, SandboxServer

Say = Callable[[str], None]

PREPARATION_SECONDS = 180.0
LOOK_SECONDS = 0.25

SCENES = {
    "calm": "a calm Saturday morning  风平浪静的周六早晨",
    "first_complaints": "the first complaints  第一批投诉出现",
    "surge": "it spreads  迅速扩散",
    "grave_turn": "children in hospital, the regulator steps in  儿童就医，监管介入",
    "clumsy_answer": "the company answers, badly  企业首次回应，火上浇油",
    "recall_and_apology": "recall and apology  道歉与召回",
    "ebbing": "it ebbs away  逐渐平息",
}


class DemoError(LocalisedError):
    """The demonstration cannot go on."""


def run(
    speed: float = 60.0,
    port: int = 8765,
    seconds: float = 0.0,
    *,
    open_browser: bool = True,
    start: datetime | None = None,
    reader: Callable[[], PostReader] | None = None,
    say: Say = print,
) -> None:
    """Play until Ctrl-C, or for *seconds* once the story has begun (0 = until Ctrl-C).

    *speed* is story minutes a real minute; *start* the moment of the story's minute 0.
    """
    began = time.monotonic()
    # A scheduler that ticks many times a second may skip a tick: that is no news here.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    clock = StageClock(start or storyline.beginning(datetime.now(UTC)), speed)
    with TemporaryDirectory(prefix="tocsin-demo-") as folder, _interruptible():
        with running(clock, Path(folder), port=port, reader=reader, say=say) as (slack, app):
            say(f"  Ready after {time.monotonic() - began:.0f} s. Type /opinion help there; stop with Ctrl-C.")
            if open_browser:
                _open(slack.url)
            clock.rise()
            _narrate(slack, app, clock, seconds=seconds, say=say)
        say("Bye. Nothing was kept.  演示结束，未保留任何数据。")


@contextmanager
def running(
    clock: StageClock,
    folder: Path,
    *,
    port: int = 0,
    reader: Callable[[], PostReader] | None = None,
    past: Sequence[Line] | None = None,
    say: Say = print,
) -> Iterator[tuple[SandboxServer, Application]]:
    """The workspace and the service at minute 0 of the story, with the *past* (two quiet weeks) read."""
    with ExitStack() as stack:
        feeds = stack.enter_context(FeedsServer(Feeds(stage.script(), clock=clock, start=clock.start)))
        read = stage.settings_for(feeds.url)
        slack = _workspace(SandboxServer(stage.workspace_for(read, clock), port=port), stack)
        say(f"Saltfern 盐蕨, a tea chain that does not exist, in a Slack of your own:  {slack.url}")
        environment = _environment(slack, folder)
        app = stack.enter_context(running_application(read, environment, clock=clock, pace=clock.speed, reader=reader))
        say("  Reading two quiet weeks, so that there is a baseline  正在读取两周平静期，以建立基线 …")
        stage.play_history(app.parts, chatter.quiet() if past is None else past, folder)
        _await(app)
        yield slack, app


def _workspace(slack: SandboxServer, stack: ExitStack) -> SandboxServer:
    """Start the workspace; on any free port where the wished one is taken."""
    try:
        return stack.enter_context(slack)
    except SandboxError:
        return stack.enter_context(SandboxServer(slack.sandbox))


def _environment(slack: SandboxServer, folder: Path) -> Environment:
    """Embedded defaults only, whatever the caller's environment says; the model may be chosen."""
    return Environment(
        data_dir=folder,
        database_url="",
        redis_url="",
        http_port=0,
        slack_api_url=slack.api_url,
        slack_bot_token=SecretStr(slack.bot_token),
        slack_app_token=SecretStr(slack.app_token),
        slack_signing_secret=SecretStr(slack.signing_secret),
    )


def _await(app: Application) -> None:
    until = time.monotonic() + PREPARATION_SECONDS
    pause = threading.Event()
    while not stage.ready(app.parts):
        if time.monotonic() > until:
            why = "; ".join(app.faults()) or localised("demo.slow")
            raise DemoError("demo.late", seconds=f"{PREPARATION_SECONDS:.0f}", why=why)
        pause.wait(LOOK_SECONDS)


def _narrate(slack: SandboxServer, app: Application, clock: StageClock, *, seconds: float, say: Say) -> None:
    """Say in the terminal what happens, until the time is up."""
    began, told, rung = time.monotonic(), set[str](), False
    scenes = _begins()
    pause = threading.Event()
    while not seconds or time.monotonic() - began < seconds:
        for phase, minute in scenes.items():
            if clock.minute >= minute and phase not in told:
                told.add(phase)
                say(f"  {stage.local_time(clock.now())}  {SCENES[phase]}")
        if not rung and app.parts.store.incidents.open() and _messages(slack):
            rung = True
            say(f"  {stage.local_time(clock.now())}  🔔 the first alert, {time.monotonic() - began:.0f} s in  首次预警")
        pause.wait(LOOK_SECONDS)


def _begins() -> dict[str, float]:
    """The minute at which each phase begins."""
    lines = storyline.load()
    return {phase: max(0.0, min(line.at for line in lines if line.phase == phase)) for phase in storyline.PHASES}


def _messages(slack: SandboxServer) -> int:
    return sum(len(slack.sandbox.messages(channel)) for channel in list(slack.sandbox.workspace.channels))


def _open(url: str) -> None:
    """Show the page where there is a desktop to show it on."""
    if sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(url)


@contextmanager
def _interruptible() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        return
