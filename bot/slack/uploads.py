"""Sends a picture to a person, where only that person sees it."""

from __future__ import annotations

import structlog
from slack_sdk import WebClient

from bot.infra.error_trail import log_expected
from bot.slack.directory import FAULTS

log = structlog.get_logger("tocsin.slack")


def send(client: WebClient, user: str, picture: bytes, *, name: str, title: str) -> bool:
    """Put *picture* (PNG) into the conversation with *user*; False if Slack does not let us: it is an extra."""
    try:
        opened = client.conversations_open(users=user)
        channel = str((opened.get("channel") or {}).get("id") or "")
        client.files_upload_v2(channel=channel, content=picture, filename=name, title=title, alt_txt=title)
    except FAULTS as error:
        log_expected(log.warning, "picture_not_sent", error)
        return False
    return True
