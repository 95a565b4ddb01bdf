"""The models that were trained here, and which of them is read with: ``tocsin model``.

They lie in ``models/`` under the data folder, one folder each; the file ``current`` names the one in use and those
before it. Without it, or with TOCSIN_MODEL, nothing here is asked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.config.environment import Environment
from bot.errors import LocalisedError

if TYPE_CHECKING:
    from engine.model.reader import Reader

SHIPPED = "tocsin-mini"
"""What the model that comes with Tocsin is called."""
CURRENT = "current"
MOST_REMEMBERED = 20


class ModelsError(LocalisedError):
    """There is no such model, or the choice cannot be written down."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A model of the list. *summary* is how it did when it was trained, in a sentence; empty for the shipped one."""

    name: str
    current: bool
    made: str = ""
    summary: str = ""
    megabytes: float = 0.0


class Models:
    """The models under *folder*, which need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, environment: Environment) -> Models:
        return cls(environment.data_dir / "models")

    @property
    def current(self) -> str:
        """The name of the model in use."""
        return self._chosen()[-1]

    def place(self) -> Path | None:
        """The folder of the model in use; None for the shipped one. ModelsError if the folder is gone."""
        name = self.current
        if name == SHIPPED:
            return None
        folder = self.folder / name
        if not (folder / "config.json").is_file():
            raise ModelsError("models.gone", name=name, folder=self.folder, shipped=SHIPPED)
        return folder

    def entries(self) -> list[Entry]:
        """The shipped model and those trained here, the newest last."""
        current = self.current
        found = [self._entry(folder, current) for folder in self._folders()]
        return [Entry(name=SHIPPED, current=current == SHIPPED), *sorted(found, key=lambda one: (one.made, one.name))]

    def use(self, name: str) -> None:
        """Read with *name* from the next start on. ModelsError if there is none of this name."""
        names = [SHIPPED, *(folder.name for folder in self._folders())]
        if name not in names:
            raise ModelsError("models.unknown", name=name, names=", ".join(names))
        chosen = self._chosen()
        if name != chosen[-1]:
            self._choose([*chosen, name])

    def back(self) -> str:
        """Read with the model before again; its name. ModelsError if there was none."""
        *before, _ = self._chosen()
        there = [name for name in before if name == SHIPPED or (self.folder / name).is_dir()]
        if not there:
            raise ModelsError("models.first", name=self.current)
        self._choose(there)
        return there[-1]

    def fresh(self, stem: str, day: str) -> str:
        """A name that no model has yet: ``mine-2026-11-22``, ``mine-2026-11-22-2``."""
        tame = "".join(character if character.isalnum() else "-" for character in stem).strip("-")[:40] or "own"
        taken = {folder.name for folder in self._folders()}
        name, number = f"{tame}-{day}", 1
        while name in taken or (self.folder / name).exists():
            number += 1
            name = f"{tame}-{day}-{number}"
        return name

    def _folders(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [
            one for one in self.folder.iterdir() if not one.name.startswith(".") and (one / "config.json").is_file()
        ]

    def _entry(self, folder: Path, current: str) -> Entry:
        told = _told(folder / "report.json")
        size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
        return Entry(
            name=folder.name,
            current=folder.name == current,
            made=str(told.get("made", "")),
            summary=str(told.get("summary", "")),
            megabytes=size / 1e6,
        )

    def _chosen(self) -> list[str]:
        """The models that were in use, the present one last; never empty."""
        names = _told(self.folder / CURRENT).get("chosen", [])
        return [str(name) for name in names] or [SHIPPED]

    def _choose(self, names: Sequence[str]) -> None:
        """Write the choice down at once or not at all."""
        made = self.folder / f".{CURRENT}.new"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with made.open("w", encoding="utf-8") as file:
                json.dump({"chosen": list(names)[-MOST_REMEMBERED:]}, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            made.replace(self.folder / CURRENT)
        except OSError as error:
            raise ModelsError("models.unwritable", folder=self.folder, why=error.strerror) from error


def resolve(asked: str = "", environment: Environment | None = None) -> str | None:
    """The model to read with: the one *asked* for, TOCSIN_MODEL, the one in use here; None for the shipped one."""
    known = environment or Environment()
    named = asked or known.model
    if named:
        return named
    place = Models.of(known).place()
    return str(place) if place else None


def open_reader(asked: str = "", environment: Environment | None = None) -> Reader:
    """The model that ``resolve`` names, in the precision that TOCSIN_PRECISION asks for. Raises ModelError."""
    from engine.model.reader import Reader

    known = environment or Environment()
    return Reader.open(resolve(asked, known), precision=known.precision)


def _told(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelsError("models.unreadable", path=path, why=error) from error
    return found if isinstance(found, dict) else {}
