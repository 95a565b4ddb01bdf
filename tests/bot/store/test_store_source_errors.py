"""What went wrong with a source is kept as a code with values; what older versions wrote becomes one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, make_url, text

from bot.i18n.localised import LocalisedText, localised
from bot.i18n.speech import Speech
from bot.records import SourceRecord
from bot.store import Store
from bot.store.migrations.versions import m0004_source_errors

ENGLISH, CHINESE = Speech("en"), Speech("zh")


@pytest.fixture
def source(store: Store) -> SourceRecord:
    return store.sources.sync([SourceRecord(id=0, name="wire", kind="rss", url="https://wire.example", every=60)])[0]


def take_over(url: str, error: str) -> None:
    """Put the sentence *error* where revision 0003 kept it, and let revision 0004 take it over."""
    parsed = make_url(url)
    engine = create_engine(parsed.set(drivername="postgresql+psycopg") if "postgres" in url else parsed)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        connection.execute(text("UPDATE tocsin_source SET error = :error"), {"error": error})
        m0004_source_errors.upgrade()
    engine.dispose()


def migrated(store: Store, url: str, error: str) -> LocalisedText | None:
    take_over(url, error)
    found = store.sources.find("wire")
    assert found is not None
    return found.error


def test_an_error_comes_back_as_it_was_kept(store: Store, source: SourceRecord) -> None:
    """With the text that stands inside another one, and whatever a server wrote."""
    why = localised("source.item.new_line", number="3", why=localised("source.item.not_json"))
    error = localised("source.some_left_out", count=2, total=1200, why=why)
    store.sources.record(replace(source, error=error))
    assert store.sources.all()[0].error == error
    hostile = localised("source.unreachable", host="a\0b\ud800", why="“{x}” %s")
    store.sources.record(replace(source, error=hostile))
    kept = store.sources.all()[0].error
    assert kept is not None
    assert ENGLISH.text(kept).startswith("a\0b? could not be reached (“{x}” %s).")


def test_a_sentence_of_an_older_version_is_read_in_the_readers_language(
    store: Store, source: SourceRecord, database_url: str
) -> None:
    sentence = "wire.example says that Tocsin asks too often (status 429). Raise every on this source in tocsin.yaml if this comes again."  # noqa: E501
    found = migrated(store, database_url, sentence)
    assert found == localised("source.too_often", host="wire.example", status="429")
    assert ENGLISH.text(found) == sentence
    assert CHINESE.text(found).startswith("wire.example 表示访问过于频繁（状态码 429）")


def test_the_reason_inside_an_older_sentence_is_read_too(store: Store, source: SourceRecord, database_url: str) -> None:
    sentence = "2 of 3 items could not be read and were left out; the first: line 7 of the new ones: it is not JSON."
    found = migrated(store, database_url, sentence)
    assert found is not None
    assert ENGLISH.text(found) == sentence
    assert CHINESE.text(found) == "3 条内容中有 2 条无法读取，已略过；第一条的原因：新增内容第 7 行不是 JSON。"


def test_a_sentence_that_nobody_knows_is_shown_as_it_was_written(
    store: Store, source: SourceRecord, database_url: str
) -> None:
    found = migrated(store, database_url, "The {server} said “no”.")
    assert found is not None
    assert [speech.text(found) for speech in (ENGLISH, CHINESE)] == ["The {server} said “no”."] * 2


def test_a_source_that_was_well_stays_well(store: Store, source: SourceRecord, database_url: str) -> None:
    assert migrated(store, database_url, "") is None
