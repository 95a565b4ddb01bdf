"""The topics and posts that the cost of matching is measured on."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from bot.bench.matching import invented_posts, matching_curve, topic_query
from bot.cli import app
from engine.query.query import Matcher, parse


def test_the_posts_are_the_same_every_time_and_name_brands_in_both_languages() -> None:
    posts = invented_posts(200)
    assert posts == invented_posts(200)
    watched = Matcher({number: parse(topic_query(number)) for number in range(0, 5_000, 12)})
    assert {post.lang for post in posts if watched.match(post)} == {"en", "zh"}


def test_every_number_of_topics_is_measured() -> None:
    rows = list(matching_curve((4, 2), posts=10))
    assert [row.topics for row in rows] == [2, 4]
    assert all(row.micros > 0 for row in rows)


def test_a_person_gets_the_curve() -> None:
    done = CliRunner().invoke(app, ["bench", "queries", "--most", "3", "--json"])
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["topics"] for line in done.output.splitlines()] == [1, 3]
