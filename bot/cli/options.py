"""Options that several commands have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SettingsFile = Annotated[Path, typer.Option("--settings", "-s", envvar="TOCSIN_SETTINGS", help="The settings file.")]
ModelName = Annotated[str, typer.Option("--model", help="A folder or a name of the hub.", envvar="TOCSIN_MODEL")]
KeptReadings = Annotated[
    Path | None, typer.Option("--readings", help="Keep readings in this file, and use those that are there.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
DEFAULT_SETTINGS = Path("tocsin.yaml")
