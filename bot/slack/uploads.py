"""Sends a file to a person, where only that person sees it: later if Slack asks to wait, never in silence."""

from __future__ import annotations

import threading

import structlog
from slack_sdk import WebClient

from bot.delivery.slack_errors import DeliveryFailure, FailureKind, refusal
from bot.infra.error_trail import log_expected
from bot.slack.directory import FAULTS

TRIES = 3
LONGEST_WAIT_S = 120.0
"""Somebody who asked for a file is not kept waiting longer between two tries."""

log = structlog.get_logger("tocsin.slack")


def send(
    client: WebClient, user: str, content: bytes, *, name: str, title: str, stop: threading.Event
) -> DeliveryFailure | None:
    """Put a file into the conversation with *user*; why that could not be done, if it could not.

    Waits as long as Slack asks for, within limits, unless *stop* is set.
    """
    found = None
    for attempt in range(1, TRIES + 1):
        try:
            opened = client.conversations_open(users=user)
            channel = str((opened.get("channel") or {}).get("id") or "")
            client.files_upload_v2(channel=channel, content=content, filename=name, title=title, alt_txt=title)
        except FAULTS as error:
            found = refusal(error)
            log_expected(log.warning, "file_not_sent", error, attempt=attempt)
        else:
            return None
        later = found.trouble is FailureKind.RATE and found.wait <= LONGEST_WAIT_S and attempt < TRIES
        if not later or stop.wait(found.wait):
            break
    return found
