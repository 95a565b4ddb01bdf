"""An error in a log: every frame and every class, no word of what it says."""

from __future__ import annotations

import json
import logging
import pickle
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from bot.errors import DeskError, TocsinError
from bot.infra import logs
from bot.infra.error_trail import log_expected, log_unexpected, new_reference, raised_elsewhere, shown_path, trail

SECRET = "xoxb-token 露明茶 made me ill"
log = structlog.get_logger("test")


@pytest.fixture
def configuring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Logging as a process sets it up, and everything put back afterwards."""
    monkeypatch.setenv("TOCSIN_LOG_JSON", "1")
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.TALKATIVE}

    def configure() -> None:
        root.handlers.clear()
        logs.configure()

    yield configure
    structlog.reset_defaults()
    threading.excepthook = hook
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        if cause is None:
            raise error
        try:
            json.loads(SECRET)
        except ValueError:
            raise error from cause
    except BaseException as caught:
        return caught


def decoding() -> BaseException:
    try:
        json.loads(SECRET)
    except ValueError as error:
        return error
    raise AssertionError


def test_the_trail_names_every_frame_the_innermost_last() -> None:
    found = trail(decoding())
    assert found[0].startswith("tests/bot/infra/test_error_trail.py:")
    assert found[0].endswith(" decoding")
    assert re.fullmatch(r"json/decoder\.py:\d+ JSONDecoder\.raw_decode", found[-1])
    assert SECRET not in str(found)


def test_what_lies_behind_an_error_is_named_too() -> None:
    with capture_logs() as logged:
        log_unexpected(log.error, "broke", raised(RuntimeError(SECRET), decoding()), post="7")
    [entry] = logged
    assert (entry["error"], entry["because"], entry["post"]) == ("RuntimeError", ["JSONDecodeError"], "7")
    assert "because of JSONDecodeError" in entry["trail"]
    assert entry["trail"][-1].endswith("JSONDecoder.raw_decode")
    assert SECRET not in str(entry)


def test_the_members_of_a_group_are_named_each_once() -> None:
    group = raised(ExceptionGroup(SECRET, [KeyError(SECRET), OSError(2, SECRET)]))
    with capture_logs() as logged:
        log_unexpected(log.error, "broke", group)
    assert logged[0]["because"] == ["KeyError", "FileNotFoundError"]
    assert SECRET not in str(logged)


def test_errors_that_led_to_each_other_end() -> None:
    one, two = raised(KeyError(SECRET)), raised(ValueError(SECRET))
    one.__cause__, two.__cause__ = two, one
    assert len(trail(one)) == 3


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DeskError("sorry.no_person", name=SECRET), "sorry.no_person"),
        (ConnectionRefusedError(111, SECRET), "ECONNREFUSED"),
    ],
)
def test_an_expected_error_has_its_class_and_code_and_no_sentence(error: Exception, code: str) -> None:
    with capture_logs() as logged:
        log_expected(log.warning, "failed", error)
    assert logged == [{"event": "failed", "log_level": "warning", "error": type(error).__name__, "code": code}]


def test_a_text_is_no_code() -> None:
    error = TocsinError("x")
    error.code = SECRET  # type: ignore[attr-defined]
    with capture_logs() as logged:
        log_expected(log.warning, "failed", error)
    assert "code" not in logged[0]


def test_the_reference_can_be_read_out() -> None:
    found = {new_reference() for _ in range(50)}
    assert len(found) == 50
    assert all(re.fullmatch("[A-HJ-NP-Z2-9]{6}", one) for one in found)


def test_frames_of_another_process_are_the_innermost() -> None:
    error = decoding()
    there = trail(error)
    found = trail(raised(raised_elsewhere(pickle.loads(pickle.dumps(error)), there)))
    assert found[0].endswith(" raised")
    assert found[1:] == there


def test_no_folder_of_the_machine_is_named() -> None:
    assert shown_path("/home/somebody/venv/lib/python3.11/site-packages/redis/client.py") == "redis/client.py"
    assert shown_path("/home/somebody/elsewhere/script.py") == "script.py"
    assert shown_path(json.__file__) == "json/__init__.py"
    assert shown_path(logs.__file__) == "bot/infra/logs.py"
    assert not any(str(Path.home()) in line for line in trail(decoding()))


def test_who_logs_a_traceback_gets_a_trail(configuring: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    configuring()
    try:
        json.loads(SECRET)
    except ValueError:
        structlog.get_logger("tocsin").error("broke", exc_info=True)
    told = json.loads(capsys.readouterr().err)
    assert told["error"] == "JSONDecodeError"
    assert told["trail"][-1].endswith("JSONDecoder.raw_decode")


def test_other_packages_tell_their_place_and_no_text(
    configuring: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Bolt, slack_sdk, apscheduler and uvicorn put messages and tokens into what they log."""
    configuring()
    for name in ("slack_bolt.App", "slack_sdk.web.base_client", "apscheduler.executors.default", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.error(f"Failed to run (error: {SECRET})")
        logger.error("Failed to run: %s", SECRET)
        logger.warning(SECRET, exc_info=decoding())
    told = capsys.readouterr().err
    assert SECRET not in told
    assert told.count("Failed to run: %s") == 4
    assert told.count("JSONDecodeError") == 4
    assert "slack_bolt.App: error at tests/bot/infra/test_error_trail.py:" in told


def test_no_level_makes_other_packages_talkative(
    configuring: Callable[[], None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_LOG_LEVEL", "debug")
    configuring()
    logging.getLogger().setLevel(logging.DEBUG)
    for name in (
        "slack_sdk.web.base_client",
        "slack_sdk.socket_mode.builtin.client",
        "slack_bolt.App",
        "uvicorn.error",
    ):
        logging.getLogger(name).debug("Sending a request - body: %s", SECRET)
        logging.getLogger(name).info(SECRET)
    assert capsys.readouterr().err == ""


def test_a_thread_that_breaks_leaves_a_trail_and_no_message(
    configuring: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise KeyError(SECRET)

    configuring()
    thread = threading.Thread(target=broken, name="somebody's")
    thread.start()
    thread.join()
    told = capsys.readouterr().err
    assert SECRET not in told
    assert json.loads(told)["trail"][-1].endswith("broken")


def test_the_hook_is_not_left_behind() -> None:
    assert threading.excepthook is not logs._thread_broke
    assert sys.excepthook is sys.__excepthook__
