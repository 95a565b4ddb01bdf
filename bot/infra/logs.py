"""Logs: an event name and key-values, on standard error; JSON where nobody reads along (TOCSIN_LOG_JSON=1)."""

from __future__ import annotations

import logging
import os
import sys

import structlog

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(default: str = "info") -> None:
    """Set up logging for a process, as TOCSIN_LOG_LEVEL (else *default*) and TOCSIN_LOG_JSON say."""
    level = LEVELS.get(os.environ.get("TOCSIN_LOG_LEVEL", default).lower(), logging.INFO)
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
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
