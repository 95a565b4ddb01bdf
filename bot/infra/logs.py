"""Logs: an event name and key-values, on standard error; JSON where nobody reads along (TOCSIN_LOG_JSON=1).

Other people's loggers are kept to the rule of ``bot.infra.error_trail``: what they say is a text that may quote a
message or a token, so an entry of theirs names its logger, its place and what raised it, and no more.
"""

from __future__ import annotations

import logging
import os
import sys
import threading

import structlog
from structlog.typing import EventDict, WrappedLogger

from bot.infra.error_trail import log_unexpected, shown_path, trail

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

TALKATIVE = (
    "slack_sdk",
    "slack_bolt",
    "httpx",
    "httpcore",
    "openai",
    "websockets",
    "uvicorn",
    "apscheduler",
    "asyncio",
    "apprise",
    "urllib3",
)
"""Loggers that quote what they send and receive below the level of a warning, whatever level is asked for."""

log = structlog.get_logger("tocsin.threads")


def configure(default: str = "info") -> None:
    """Set up logging for a process, as TOCSIN_LOG_LEVEL (else *default*) and TOCSIN_LOG_JSON say."""
    as_json = os.environ.get("TOCSIN_LOG_JSON", "") not in ("", "0")
    last = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            trails_only,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level(default)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _bound_other_loggers()
    threading.excepthook = _thread_broke


def level(default: str = "info") -> int:
    """The level that TOCSIN_LOG_LEVEL asks for."""
    return LEVELS.get(os.environ.get("TOCSIN_LOG_LEVEL", default).lower(), logging.INFO)


def trails_only(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    """A structlog processor: whoever passes ``exc_info`` gets a trail, not a traceback with its message."""
    error = _error(entry.pop("exc_info", None))
    if error is not None:
        entry.setdefault("error", type(error).__name__)
        entry.setdefault("trail", trail(error))
    return entry


class ForeignFormatter(logging.Formatter):
    """What another package logs: its name, the place, a template before it is filled in, and the trail of an error.

    A message without arguments may have been filled in already, so it is left out.
    """

    def format(self, record: logging.LogRecord) -> str:
        told = f"{record.name}: {record.levelname.lower()} at {shown_path(record.pathname)}:{record.lineno}"
        if record.args and isinstance(record.msg, str):
            told += f" “{record.msg}”"
        error = _error(record.exc_info)
        return f"{told} {type(error).__name__} {trail(error)}" if error else told


def _bound_other_loggers() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ForeignFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _error(told: object) -> BaseException | None:
    """The error in what Python's loggers take as ``exc_info``."""
    if told is True:
        return sys.exc_info()[1]
    found = told[1] if isinstance(told, tuple) and len(told) == 3 else told
    return found if isinstance(found, BaseException) else None


def _thread_broke(broken: threading.ExceptHookArgs) -> None:
    """Python's own hook prints a traceback with its message."""
    if broken.exc_value is not None and not isinstance(broken.exc_value, SystemExit):
        log_unexpected(log.error, "thread_broke", broken.exc_value, thread=broken.thread.name if broken.thread else "")
