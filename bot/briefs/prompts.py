"""Prompts as data: read from ``prompts/``, rendered strictly, in a sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.errors import LocalisedError

_JINJA = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)


class PromptError(LocalisedError):
    """A prompt is missing, damaged, or was not given all of its variables."""


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """A prompt's head and its two messages, not yet rendered."""

    name: str
    variables: frozenset[str]
    system: str
    user: str

    def render(self, **values: Any) -> list[dict[str, str]]:
        """Chat messages. Raises PromptError if the variables are not exactly those of the head."""
        if set(values) != self.variables:
            odd = sorted(set(values) ^ self.variables)[0]
            raise PromptError("prompt.variable", name=self.name, variable=odd)
        try:
            return [
                {"role": "system", "content": _JINJA.from_string(self.system).render(values).strip()},
                {"role": "user", "content": _JINJA.from_string(self.user).render(values).strip()},
            ]
        except TemplateError as error:
            raise PromptError("prompt.unrenderable", name=self.name, why=error) from error


@cache
def load(name: str) -> Prompt:
    """The prompt ``prompts/NAME.md``."""
    try:
        text = resources.files("prompts").joinpath(f"{name}.md").read_text(encoding="utf-8")
    except (FileNotFoundError, ModuleNotFoundError) as error:
        raise PromptError("prompt.missing", name=name) from error
    return parse(text, name)


def parse(text: str, name: str) -> Prompt:
    """Split a prompt file into its head and its two messages."""
    try:
        _, head, body = text.split("---\n", 2)
        fields = yaml.safe_load(head)
        system, user = body.split("## system\n", 1)[1].split("## user\n", 1)
        return Prompt(name=name, variables=frozenset(fields["variables"]), system=system, user=user)
    except (ValueError, IndexError, KeyError, TypeError, yaml.YAMLError) as error:
        raise PromptError("prompt.damaged", name=name) from error
