"""How an error is logged, everywhere: where it came from and what kind it is, never what it says.

The rule. A message may quote a post, a message or a token, whoever wrote it: a driver, a parser, a server, ourselves.
So no log holds one, and no traceback, which ends in one. Every entry about an error holds ``error``, its class,
``because``, the classes behind it, and ``code`` where it has a word that was chosen beforehand: the code or key of an
error of ours, a system's or a database's error number, Slack's own word. That is all for an *expected* error (a
TocsinError): its sentence is told to the person who is concerned, and ``tocsin check`` finds it again. An *unexpected*
one adds ``trail``, each frame of it and of what is behind it, the innermost last, and ``reference``, which the person
is given too. ``bot.infra.logs`` keeps other people's loggers to the same.
"""

from __future__ import annotations

import errno
import re
import secrets
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bot.errors import TocsinError
from engine.errors import EngineError

HOUSE = Path(__file__).resolve().parents[2]
LIBRARIES = ("site-packages", "dist-packages")
STANDARD_LIBRARY = Path(sysconfig.get_paths()["stdlib"])

REFERENCE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0, 1, I and O: a reference is read out and typed."""

REFERENCE_LENGTH = 6
_CODE = re.compile(r"[A-Za-z0-9_.]{1,60}")
_REMEMBERED = "_tocsin_frames"

Log = Callable[..., object]
"""A method of a logger: ``log.error``."""


def log_expected(log: Log, event: str, error: BaseException, **about: object) -> None:
    """Log an error that we raise on purpose, or that a system we use is known to raise."""
    log(event, **about, **_kind(error))


def log_unexpected(log: Log, event: str, error: BaseException, *, reference: str = "", **about: object) -> str:
    """Log an error that nobody foresaw, with its trail; the *reference* to tell to whoever was concerned."""
    reference = reference or new_reference()
    log(event, reference=reference, **about, **_kind(error), trail=trail(error))
    return reference


def new_reference() -> str:
    """Six letters and digits under which a person's words and an entry of the log find each other."""
    return "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(REFERENCE_LENGTH))


def trail(error: BaseException) -> list[str]:
    """Every frame of *error* and of the errors behind it, as ``json/decoder.py:353 JSONDecoder.raw_decode``."""
    found = frames(error)
    for cause in _behind(error):
        found += [f"because of {_name(cause)}", *frames(cause)]
    return found


def frames(error: BaseException) -> list[str]:
    """The frames of *error* alone, the innermost last; those of another process, if it was raised there."""
    here = [
        f"{shown_path(frame.f_code.co_filename)}:{line} {frame.f_code.co_qualname}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return here + list(getattr(error, _REMEMBERED, ()))


def raised_elsewhere(error: BaseException, seen: Sequence[str]) -> BaseException:
    """*error*, which came from another process without its frames, with the *seen* ones that were sent beside it."""
    setattr(error, _REMEMBERED, tuple(seen))
    return error


def code_of(error: BaseException) -> str:
    """The word for *error* that was chosen beforehand, or an empty string; never a text."""
    for one in (error, *_behind(error)):
        if found := _CODE.fullmatch(_code(one)):
            return found[0]
    return ""


def shown_path(filename: str) -> str:
    """*filename* without the folders of this machine: they name people, and say nothing about the code."""
    path = Path(filename)
    for folder in (HOUSE, STANDARD_LIBRARY):
        if path.is_relative_to(folder) and not set(LIBRARIES) & set(path.parts):
            return path.relative_to(folder).as_posix()
    for library in LIBRARIES:
        if library in path.parts:
            last = len(path.parts) - path.parts[::-1].index(library)
            return Path(*path.parts[last:]).as_posix()
    return path.name


def _kind(error: BaseException) -> dict[str, object]:
    told: dict[str, object] = {"error": _name(error)}
    if behind := [_name(cause) for cause in _behind(error)]:
        told["because"] = behind
    if code := code_of(error):
        told["code"] = code
    return told


def _behind(error: BaseException) -> Iterator[BaseException]:
    """What led to *error*, each once: its cause, else its context, and the members of a group."""
    seen, waiting = {id(error)}, _next(error)
    while waiting:
        cause = waiting.pop(0)
        if id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += _next(cause)


def _next(error: BaseException) -> list[BaseException]:
    members = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
    context = None if error.__suppress_context__ else error.__context__
    behind = error.__cause__ or context
    return members + ([behind] if behind is not None else [])


def _code(error: BaseException) -> str:
    if isinstance(error, TocsinError):
        return str(getattr(error, "code", "") or getattr(error, "key", ""))
    if isinstance(error, EngineError):
        return error.note.code
    if isinstance(error, OSError):
        return errno.errorcode.get(error.errno or 0, "")
    for name in ("sqlstate", "sqlite_errorname"):
        if found := getattr(error, name, None):
            return str(found)
    response = getattr(error, "response", None)  # of slack_sdk
    return str(response.get("error") or "") if response is not None and hasattr(response, "get") else ""


def _name(error: BaseException) -> str:
    return type(error).__name__
