"""Sets the stage of the demonstration: a workspace, the feeds, two quiet weeks, and a clock that waits for all that."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from importlib import resources
from itertools import groupby
from pathlib import Path

import yaml

from bot.config import settings
from bot.config.settings import Settings
from bot.demo import chatter, storyline
from bot.demo.storyline import Line
from bot.infra.clock import FastClock
from bot.ingest.history_import import import_posts
from bot.roles import Parts
from bot.sandbox import App, Room, Sandbox, Somebody

AFTERWARDS = 24 * 60.0
"""For how many minutes after the story the feeds go on with chatter."""

ROLES = {
    "lead": ("Crisis lead", "Head of communications", "en-US"),
    "duty officer": ("Duty officer", "Watches the desk", "en-US"),
    "agency": ("Agency desk", "Outside agency", "en-US"),
    "analyst": ("舆情专员", "中文舆情值班", "zh-CN"),
}
"""Name, title and language in the workspace of each person of the settings: roles, not persons."""


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
    people = [
        Somebody(
            name=ROLES[person.name][0], id=person.slack or "", title=ROLES[person.name][1], locale=ROLES[person.name][2]
        )
        for person in read.people
    ]
    return Sandbox(name="Saltfern 盐蕨", channels=rooms, people=people, clock=clock, app=_installed())


def _installed() -> App:
    """The app as its manifest describes it; in an installed package the manifest is not there, and nothing is lost."""
    manifest = Path(__file__).resolve().parents[2] / "deploy" / "slack_manifest.yaml"
    return App.from_manifest(yaml.safe_load(manifest.read_text(encoding="utf-8"))) if manifest.exists() else App()


def script() -> list[Line]:
    """Everything that the feeds will tell: the story, and chatter beside and after it."""
    lines = storyline.load()
    return [*lines, *chatter.chatter(begin=-180, end=storyline.ends_at(lines) + AFTERWARDS)]


def play_history(parts: Parts, lines: Iterable[Line], folder: Path) -> None:
    """Import *lines* as every team imports its past: from JSONL files, one for each source, quietly."""
    ordered = sorted(lines, key=lambda line: line.feed)
    for feed, own in groupby(ordered, key=lambda line: line.feed):
        path = folder / f"{feed}.jsonl"
        path.write_text(posts(list(own), parts.clock.now()), encoding="utf-8")
        import_posts(path, store=parts.store, ingest=parts.ingest, clock=parts.clock, source=feed)


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
