"""What went wrong with a source: from an English sentence to a code with its values.

The sentences of that time are frozen here. What none of them matches stays as it was written (``source.legacy``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

SENTENCES: Mapping[str, str] = {
    "unknown_name": (
        "No machine answers to the name {host}. Look for a spelling mistake in this source's url in tocsin.yaml."
    ),
    "unreachable": "{host} could not be reached ({why}). Look at the url in tocsin.yaml and at this machine's network.",
    "private": (
        "{host} leads to {address}, a private address, which Tocsin refuses. If you trust it, set "
        "allow_private: true on this source in tocsin.yaml."
    ),
    "certificate": (
        "The certificate of {host} is not valid ({why}). Open the url in a browser to see what is wrong with it."
    ),
    "slow": (
        "{host} did not deliver within {seconds} seconds. Tocsin tries again by itself; if it stays so, open "
        "the url in a browser."
    ),
    "broke_off": (
        "{host} broke off in the middle of its answer. Tocsin tries again by itself; if it stays so, tell "
        "whoever runs that server."
    ),
    "redirects": (
        "{host} sent Tocsin on more than {count} times. Open the url in a browser and put the address where "
        "it ends into tocsin.yaml."
    ),
    "bad_url": (
        "{host} is not a web address. The url of this source in tocsin.yaml must begin with http:// or https://."
    ),
    "bad_redirect": (
        "{host} sends Tocsin on to something that is not a web address. Open the url in a browser to see "
        "where it leads."
    ),
    "too_large": (
        "{host} delivers more than {megabytes} MB, so Tocsin stopped reading. Ask its server for fewer items,"
        " or take another feed of the same site."
    ),
    "damaged": (
        "The answer of {host} is damaged: its {coding} compression cannot be undone. Tocsin tries again by itself."
    ),
    "empty": "{host} answered with nothing at all. Open the url in a browser to see whether it still exists.",
    "not_allowed": (
        "{host} does not let Tocsin in (status {status}). Look at the login, key or headers of this source in"
        " tocsin.yaml."
    ),
    "not_found": (
        "{host} has nothing at this address (status {status}). Look for the feed's new address on its site "
        "and put it into tocsin.yaml."
    ),
    "too_often": (
        "{host} says that Tocsin asks too often (status {status}). Raise every on this source in tocsin.yaml "
        "if this comes again."
    ),
    "server_fault": (
        "{host} has trouble of its own (status {status}). Tocsin tries again by itself; if it stays so, open "
        "the url in a browser."
    ),
    "odd_status": (
        "{host} answered with status {status}, which no feed should. Open the url in a browser to see what it is."
    ),
    "unasked_304": (
        "{host} says that nothing changed although Tocsin asked for everything. Its server or a cache before "
        "it is faulty: open the url in a browser."
    ),
    "web_page": (
        "{host} answered with a web page instead of a feed, perhaps a login or an error page. Open the url in"
        " a browser to see it."
    ),
    "web_page_naming": (
        "{host} answered with a web page instead of a feed. The page names this feed, which you can put into "
        "tocsin.yaml: {feed}"
    ),
    "not_a_feed": (
        "What {host} delivers is neither RSS, Atom nor JSON Feed. If it is JSON of another shape, use kind: "
        "json with a mapping in tocsin.yaml."
    ),
    "broken_feed": (
        "The feed of {host} is broken ({why}). Tocsin tries again by itself; a feed validator shows the place"
        " to its owner."
    ),
    "not_json": "What {host} delivers is not JSON ({why}). Open the url in a browser to see what it is.",
    "bad_expression": (
        "{field}: {expression} is not a JMESPath expression ({why}). Look at this source's mapping in "
        "tocsin.yaml; jmespath.org has the syntax."
    ),
    "bad_field": (
        "{field} is not a part of a post. Look at this source's mapping in tocsin.yaml: {known} are understood."
    ),
    "bad_timezone": (
        "{zone} is not a time zone. Write one such as Asia/Shanghai as this source's timezone in tocsin.yaml."
    ),
    "no_list": (
        "The expression items: {expression} finds no list in the answer, whose keys are {keys}. Look at this "
        "source's items in tocsin.yaml."
    ),
    "no_texts": "None of the {total} items has a text ({why}). Look at this source's mapping in tocsin.yaml.",
    "some_left_out": "{count} of {total} items could not be read and were left out; the first: {why}.",
    "no_file": (
        "There is no file {path}. Look at the path of this source in tocsin.yaml; Tocsin goes on as soon as it exists."
    ),
    "unreadable_file": (
        "The file {path} cannot be read ({why}). Look at its permissions and at the path of this source in tocsin.yaml."
    ),
    "unwritable_file": (
        "The file {path} cannot be written ({why}). Look at its permissions and at the space on the disk."
    ),
    "not_opml": "{path} is not an OPML file ({why}). Export the list of feeds again from your feed reader as OPML.",
    "unknown_kind": (
        "There is no kind of source named {kind}. Look at this source in tocsin.yaml: {known} are understood."
    ),
    "no_source": "There is no source {name}. Add it to tocsin.yaml first, so that its posts belong somewhere.",
    "no_import": "There is no file {path}. Look for a spelling mistake in its path.",
    "broken_settings": (
        "The settings file is not valid YAML, so nothing was added to it. Run tocsin check to see the place."
    ),
    "no_room_for_sources": (
        "The settings file's sources are not written one below the other, so nothing was added to it. Copy "
        "them in by hand from what tocsin import opml prints without a settings file."
    ),
    "push_nowhere": "There is no source {name} that takes pushes. Look for a source of kind webhook in tocsin.yaml.",
    "push_off": "Nothing can be pushed to {name} yet. Set TOCSIN_WEBHOOK_SECRET in the environment of Tocsin.",
    "push_unsigned": (
        "A push came without a signature and was refused. Look at how the sender makes the header {header}."
    ),
    "push_wrong_signature": (
        "A push came with a wrong signature in {header} and was refused. Compare the sender's secret with "
        "TOCSIN_WEBHOOK_SECRET."
    ),
    "push_stale": "A push was signed more than {minutes} minutes from now and was refused. Look at the sender's clock.",
    "push_too_large": "A push was larger than {megabytes} MB and was refused. Send the posts in several pushes.",
    "push_unreadable": (
        "A push held no posts ({why}). Look at the post format in Tocsin's README and at what the sender sends."
    ),
    "unexpected": (
        "Something went wrong inside Tocsin while it read this source. Look for {reference} in its log; it "
        "tries again by itself."
    ),
}
REASONS: Mapping[str, str] = {
    "item.no_text": "it has neither a text nor a title",
    "item.not_json": "it is not JSON",
    "item.not_object": "it is not a JSON object",
    "item.long_line": "a line is longer than {limit} bytes",
    "item.new_line": "line {number} of the new ones: {why}",
    "why.empty": "it is empty",
    "why.no_file": "it is not an ordinary file",
    "why.unknown": "unknown",
    "why.no_opml": "it has no <opml> element",
    "why.no_feeds": "it lists no feed",
    "why.tags": "it has more than {count} tags",
    "why.nested": "it is nested too deeply",
    "why.json_place": "{problem} at line {line}, column {column}",
    "why.long_number": "a number in it is too long",
}
"""What may stand in a sentence as its gap ``why``."""

SOURCE = sa.table("tocsin_source", sa.column("id", sa.BigInteger), sa.column("error", sa.Text))


def upgrade() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(SOURCE.c.id, SOURCE.c.error)).all():
        kept = json.dumps(coded(row.error), ensure_ascii=False)
        connection.execute(SOURCE.update().where(SOURCE.c.id == row.id).values(error=kept))


def coded(sentence: str) -> dict[str, Any] | None:
    """*sentence* as a code with values; None for an empty one."""
    if not sentence:
        return None
    found = _matched(sentence, SENTENCES)
    return found or {"code": "source.legacy", "values": {"sentence": sentence}}


def _matched(sentence: str, templates: Mapping[str, str]) -> dict[str, Any] | None:
    for code, template in templates.items():
        if found := re.fullmatch(_pattern(template), sentence, re.DOTALL):
            values: dict[str, Any] = dict(found.groupdict())
            if "why" in values:
                values["why"] = _matched(values["why"], REASONS) or values["why"]
            return {"code": f"source.{code}", "values": values}
    return None


def _pattern(template: str) -> str:
    parts = re.split(r"\{(\w+)\}", template)
    return "".join(f"(?P<{part}>.*?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
