"""When Slack takes nothing: e-mail, or whatever an apprise URL reaches. The URLs hold passwords; none is logged."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from typing import Any

import structlog
from pydantic import SecretStr

from bot.infra.error_trail import log_unexpected

_BETWEEN = re.compile(r"\s+|,\s*(?=[A-Za-z][\w+.-]*://)")

log = structlog.get_logger("tocsin.last_resort")


class LastResort:
    """*urls* as the environment gives them, with spaces or commas between; without any, ``ring`` reaches nobody."""

    def __init__(self, urls: SecretStr) -> None:
        self._urls = split(urls.get_secret_value())

    def ring(self, title: str, body: str) -> bool:
        """Tell every address; True if all of them took it. Takes as long as they do. Never raises."""
        if not self._urls:
            log.warning("no_last_resort")
            return False
        try:
            taken = bool(_opened(self._urls).notify(title=title, body=body))
        except Exception as error:  # whatever a plugin does: the bell's thread goes on
            log_unexpected(log.error, "last_resort_broke", error)
            return False
        (log.warning if taken else log.error)("last_resort_told" if taken else "last_resort_refused")
        return taken


def split(urls: str) -> tuple[str, ...]:
    """The single addresses in *urls*."""
    return tuple(url for url in _BETWEEN.split(urls.strip()) if url)


def not_understood(urls: SecretStr) -> tuple[int, ...]:
    """Which of the addresses apprise cannot use, counted from 1: they may not be shown."""
    return tuple(number for number, url in enumerate(split(urls.get_secret_value()), 1) if not _opened([url]))


def _opened(urls: Sequence[str]) -> Any:
    """Those of *urls* that apprise understands, ready to be told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it loads more than a hundred plugins, some of them with old habits
        import apprise

        opened = apprise.Apprise()
        for url in urls:
            opened.add(url)
    return opened
