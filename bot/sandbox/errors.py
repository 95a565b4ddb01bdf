"""What the local Slack refuses, in Slack's own codes, and what a person in it cannot find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.errors import TocsinError


class SlackError(TocsinError):
    """An answer ``{"ok": false}``: *code* is Slack's own, *messages* say where in the arguments it lies."""

    def __init__(
        self,
        code: str,
        messages: Sequence[str] = (),
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **details: Any,
    ) -> None:
        super().__init__(f"Slack answers {code}" + (f": {'; '.join(messages)}" if messages else ""))
        self.code = code
        self.messages = tuple(messages)
        self.status = status
        self.headers = dict(headers or {})
        self.details = details

    def body(self) -> dict[str, Any]:
        """The answer as Slack writes it."""
        answer: dict[str, Any] = {"ok": False, "error": self.code, **self.details}
        if self.messages:
            answer["response_metadata"] = {"messages": list(self.messages)}
            if self.code == "invalid_blocks":
                answer["errors"] = [message.removeprefix("[ERROR] ") for message in self.messages]
        return answer


class SandboxError(TocsinError):
    """The sandbox was asked for something that it does not have: a channel, a person."""


class NotThereError(SandboxError):
    """A person looks for a message, a button or a field that is not on the screen."""
