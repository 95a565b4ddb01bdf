"""An error is worded when its reader is known: in English for a log, in anybody's language for a person."""

from __future__ import annotations

import pickle

import pytest

from bot.config import settings
from bot.config.locations import SettingsError
from bot.errors import DuplicateTopic, TocsinError
from bot.i18n.localised import localised
from bot.i18n.speech import Speech
from bot.ingest.sources import FetchError
from bot.work.subprocess_jobs import JobError
from engine.errors import EngineError
from engine.model.loading import ModelError
from engine.query.query import QueryError, parse


def test_an_error_is_english_as_a_string_and_speaks_to_its_reader() -> None:
    error = JobError("job.late", minutes="20")
    assert str(error) == "This was not done within 20 minutes."
    assert error.said(Speech("zh")) == "20 分钟内未能完成。"


def test_an_error_without_a_code_is_said_as_it_is() -> None:
    assert TocsinError("No such file.").said(Speech("zh")) == "No such file."


def test_a_text_inside_another_is_worded_with_it() -> None:
    text = localised("source.unreadable_file", path="x.jsonl", why=localised("source.why.unknown"))
    assert Speech("en").text(text).startswith("The file x.jsonl cannot be read (unknown).")
    assert Speech("zh").text(text).startswith("无法读取文件 x.jsonl（原因不明）。")


def settings_error() -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        settings.read("language: zh\n")
    return caught.value


def refused() -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse("tea OR")
    return caught.value


@pytest.mark.parametrize(
    "error",
    [
        JobError("job.died"),
        FetchError("source.too_often", host="wire.example", status=429, retry_after=30.0),
        DuplicateTopic("Tea"),
        settings_error(),
        TocsinError("No such file."),
        refused(),
        ModelError("model.no_file", name="mine", file="config.json"),
        EngineError("data.line", path="x.jsonl", line="2", why=EngineError("data.label", label="angry").note),
    ],
)
def test_an_error_reaches_another_process_whole(error: TocsinError | EngineError) -> None:
    """Its class, its text and what else it carries."""
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert again.__dict__ == error.__dict__
    assert str(again) == str(error)
