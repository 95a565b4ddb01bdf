"""What a post costs the matching of queries as the topics become many: invented brands and posts of both languages.

Each topic asks for a brand of its own with words that many ask for. Half of the posts name a brand that somebody
watches, as do half of a real stream. Costs are processor time, so that a busy machine does not change them much.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import typer

from bot.bench.detection.synthetic_posts import WORDS
from engine.post import Post
from engine.query.query import Matcher, parse

SIZES = (1, 10, 100, 1_000, 5_000)
POSTS = 1_000
ROUNDS = 3  # of which the fastest counts
LENGTH = 24  # words of a post
START = datetime(2026, 1, 5, tzinfo=UTC)
SYLLABLES = "ka lo mi ven tor sal bri und ost phe ray dun cor bel nis".split()  # noqa: SIM905
CHARACTERS = "露明盐蕨北山松岚云溪海棠竹石霜柏青禾麦田星河"


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchingCost:
    """The microseconds of one core that a post costs with so many *topics*; *times* what it costs with the fewest."""

    topics: int
    micros: float
    times: float


def english_brand(number: int) -> str:
    draw = random.Random(number)
    return "".join(draw.choices(SYLLABLES, k=3)).capitalize()


def chinese_brand(number: int) -> str:
    draw = random.Random(-1 - number)
    return "".join(draw.sample(CHARACTERS, 3))


def topic_query(number: int) -> str:
    """The query of topic *number*: of every three, one is the brand alone."""
    one, two = english_brand(number), english_brand(number + 1)
    brand = f'{one} OR "{one} {two}" OR {chinese_brand(number)}'
    return f"({brand}) (recall* OR apolog* OR 召回 OR 道歉) -hiring -招聘" if number % 3 else brand


def invented_posts(count: int = POSTS) -> list[Post]:
    """The same posts every time, half of them in Chinese, half of them about a brand that somebody may watch."""
    draw = random.Random(7)
    made = []
    for number in range(count):
        lang = ("en", "zh")[number % 2]
        words = draw.choices(WORDS[lang].split(), k=LENGTH)
        if draw.random() < 0.5:
            brand = draw.randrange(max(SIZES))
            words[3:3] = [english_brand(brand), "recall"] if lang == "en" else [chinese_brand(brand), "召回"]
        text = " ".join(words) if lang == "en" else "".join(words)
        made.append(Post(id=str(number), published=START, text=text, lang=lang))
    return made


def matching_curve(sizes: Sequence[int] = SIZES, posts: int = POSTS) -> Iterator[MatchingCost]:
    """The cost of a post with so many topics as *sizes* says."""
    given, least = invented_posts(posts), 0.0
    for size in sorted(sizes):
        matcher = Matcher({number: parse(topic_query(number)) for number in range(size)})
        micros = min(_timed(matcher, given) for _ in range(ROUNDS)) / len(given) * 1e6
        least = least or micros
        yield MatchingCost(topics=size, micros=round(micros, 1), times=round(micros / least, 2))


def _timed(matcher: Matcher[int], posts: Sequence[Post]) -> float:
    started = time.process_time()
    for post in posts:
        matcher.match(post)
    return time.process_time() - started


def run(most: int, *, as_json: bool) -> None:
    """Print the curve up to *most* topics."""
    for cost in matching_curve([*(size for size in SIZES if size < most), most]):
        plain = f"{cost.topics:>6,} topics   {cost.micros:6.0f} µs a post   {cost.times:.2f} times the first"
        typer.echo(json.dumps(asdict(cost)) if as_json else plain)
