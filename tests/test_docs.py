"""The README keeps up with the code: every command, setting and slash command stands in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import app
from bot.cli.history import import_app
from bot.cli.models import model_app
from bot.config.environment import Environment
from bot.slack.commands import VERBS

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


def _commands() -> list[str]:
    def named(name: str | None, callback: object) -> str:
        return name or getattr(callback, "__name__", "").replace("_", "-")

    own = [f"tocsin {named(command.name, command.callback)}" for command in app.registered_commands]
    groups = {"import": import_app, "model": model_app}
    return own + [
        f"tocsin {group} {named(command.name, command.callback)}"
        for group, commands in groups.items()
        for command in commands.registered_commands
    ]


@pytest.mark.parametrize("command", _commands())
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`{command}" in README


@pytest.mark.parametrize("field", sorted(Environment.model_fields))
def test_every_environment_variable_is_in_the_readme(field: str) -> None:
    assert f"`{Environment.model_fields[field].validation_alias}`" in README


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_slash_command_is_in_the_readme(verb: str) -> None:
    assert f"`/opinion {verb}" in README
