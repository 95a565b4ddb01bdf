"""Sets the stage of the demonstration: a workspace, the feeds, two quiet weeks, and a clock that waits for all that."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import resources
from itertools import groupby
from pathlib import Path

import yaml

from bot.config import settings
from bot.config.settings import Settings
from bot.demo import chatter, storyline
from bot.demo.formats import CHANNELS
from bot.demo.storyline import Line
from bot.infra.clock import FastClock
from bot.ingest.history_import import import_posts
from bot.roles import Parts
from bot.sandbox import App, Room, Sandbox, Somebody

AFTERWARDS = 24 * 60.0
"""For how many minutes after the story the feeds go on with chatter."""

ROLES = {
    "lead": Somebody(name="Crisis lead", title="Head of communications"),
    "duty officer": Somebody(name="Duty officer", title="Watches the desk"),
    "agency": Somebody(name="Agency desk", title="Outside agency, a guest here", guest="multi"),
    "analyst": Somebody(name="舆情专员", title="中文舆情值班", locale="zh-CN"),
}
"""Each person of the settings as the workspace knows them: roles, not persons."""

PASSERS_BY = (
    Somebody(name="Tea supplier", id="U0SUPPLIER", title="Another company, by a shared channel", team="T0SUPPLIER"),
    Somebody(name="Build bot", id="U0BUILDBOT", bot=True),
)
"""Those whom the settings do not know. They may not act, and are told so."""


class StageClock:
    """A clock that stands at *start* until the curtain rises, and then runs *speed* times as fast as the system's."""

    def __init__(self, start: datetime, speed: float) -> None:
        self.start, self.speed = start, speed
        self._running: FastClock | None = None

    def now(self) -> datetime:
        return self._running.now() if self._running else self.start

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        return stop.wait(seconds / self.speed)

    def rise(self) -> None:
        """Let the time begin."""
        self._running = self._running or FastClock(self.start, self.speed)

    @property
    def minute(self) -> float:
        """The minute of the story that it is."""
        return (self.now() - self.start).total_seconds() / 60


def settings_for(feeds: str) -> Settings:
    """The demonstration's settings, with its feeds at the address *feeds*."""
    text = resources.files("bot.demo").joinpath("settings.yaml").read_text(encoding="utf-8")
    return settings.read(text.replace("{feeds}", feeds), name="settings.yaml")


def workspace_for(read: Settings, clock: StageClock) -> Sandbox:
    """A local Slack with the channels and people that the settings name."""
    rooms = [Room(name=channel.name, id=channel.id) for channel in read.channels]
    people = [replace(ROLES[person.name], id=person.slack or "") for person in read.people]
    return Sandbox(name="Saltfern 盐蕨", channels=rooms, people=[*people, *PASSERS_BY], clock=clock, app=installed())


def installed() -> App:
    """The app as its manifest describes it."""
    manifest = resources.files("bot.slack").joinpath("manifest.yaml")
    return App.from_manifest(yaml.safe_load(manifest.read_text(encoding="utf-8")))


def script() -> list[Line]:
    """Everything that the feeds will tell: the story, and chatter beside and after it."""
    lines = storyline.load()
    return [*lines, *chatter.chatter(begin=-180, end=storyline.ends_at(lines) + AFTERWARDS)]


def play_history(parts: Parts, lines: Iterable[Line], folder: Path) -> None:
    """Import *lines* as every team imports its past: from JSONL files, one for each source, quietly."""
    names = {channel.name: channel.title for channel in CHANNELS}
    ordered = sorted(lines, key=lambda line: line.feed)
    for feed, own in groupby(ordered, key=lambda line: line.feed):
        path = folder / f"{feed}.jsonl"
        path.write_text(posts(list(own), parts.clock.now()), encoding="utf-8")
        import_posts(path, store=parts.store, ingest=parts.ingest, clock=parts.clock, source=names[feed])


def posts(lines: Sequence[Line], start: datetime) -> str:
    """*lines* in Tocsin's own post format."""
    rows = [
        {
            "id": line.id,
            "published": line.published(start).isoformat(),
            "text": line.text,
            "title": line.title,
            "author": line.author,
            "lang": line.lang,
            "reach": line.reach,
        }
        for line in lines
    ]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def ready(parts: Parts) -> bool:
    """True once every source has its baseline and everything that is past has been read."""
    return all(source.baselined for source in parts.store.sources.all()) and parts.stream.lag() == 0


def local_time(moment: datetime) -> str:
    return (moment + timedelta(hours=8)).strftime("%H:%M")
