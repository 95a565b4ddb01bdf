"""What one post says or shows that may be news of a topic: sightings, from which facts are told.

Only posts that do not speak well of the topic are looked at. Counts of people need more: a risk to life or limb that
was read in the post, or an outlet or board that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.facts.authorities import Authority, authorities
from engine.facts.casualties import Casualties, casualties
from engine.facts.lexicon import CASUALTIES, Subject
from engine.facts.numerals import EXACT
from engine.facts.passages import Passage, sentences
from engine.facts.statements import is_own, own_words, said_of
from engine.post import ChangeKind, FactKind, Polarity, Post, Reading, Standing, TextChange
from engine.text.keywords import word_hash

HARMS = ("injury", "health", "accident", "violence", "disaster")
SURE = 0.5
LOUD = (Standing.BOARD, Standing.OUTLET)
LONGEST_SOURCE = 80
_RANK = re.compile(r"[?&](?:band_)?rank=(\d{1,3})(?!\d)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """One thing that one post says or shows.

    *what* says which of its kind: a casualty, an authority, a statement. *n* is a count or a rank (0 where unknown),
    *name* what it is called: the people who are counted, an authority, a headline. *own* posts are the organisation's.
    *voice* is a hash of who posts, for counts of people: there a second voice is news. Of a change *name* is what is
    said now and *was* what was said before; of an outlet *what* is the text that it carries.
    """

    kind: FactKind
    what: str = ""
    at: datetime
    post_id: str
    story_id: str
    source: str
    standing: Standing
    n: int = 0
    bound: str = EXACT
    name: str = ""
    own: bool = False
    before: int = 0
    voice: int = 0
    was: str = ""

    @property
    def same(self) -> tuple[object, ...]:
        """What makes a second sighting nothing new: of an outlet, whatever it tells."""
        what = "" if self.kind is FactKind.OUTLET else self.what
        return self.kind, what, self.n, self.source, self.story_id, self.voice

    @property
    def loud(self) -> bool:
        """True if it is said by an outlet, a board, or the organisation itself."""
        return self.own or self.standing in LOUD


def order(each: Sighting) -> tuple[object, ...]:
    """Sightings as they came about."""
    return each.at, each.post_id, each.kind, each.what, each.n


def sightings(post: Post, reading: Reading, story_id: str, subject: Subject, at: datetime) -> list[Sighting]:
    """What *post*, fresh and nobody's copy, shows of the topic called *subject*."""
    own = is_own(post, subject)
    if reading.sentiment.label is Polarity.POSITIVE and not own:
        return []

    def seen(kind: FactKind, what: str = "", n: int = 0, bound: str = EXACT, name: str = "", was: str = "") -> Sighting:
        by = {FactKind.CASUALTIES: post.author or post.id, FactKind.CHANGE: f"{was}\n{name}"}.get(kind)
        return Sighting(
            kind=kind, what=what, at=at, post_id=post.id, story_id=story_id, source=post.source[:LONGEST_SOURCE],
            standing=post.standing, n=n, bound=bound, name=name, own=own, was=was, voice=word_hash(by) if by else 0,
        )  # fmt: skip

    found = [seen(FactKind.BOARD, n=rank(post))] if post.standing is Standing.BOARD else []
    read = sentences(post.body, subject)
    said = _own(read, reading) if own else _said_of(read, subject, post)
    found += [seen(_said(what), what) for what in said]
    if own or _grave(post, reading):
        found += [
            seen(FactKind.CASUALTIES, each.what, each.count.n, each.count.bound, each.who)
            for each in _casualties(read, post)
        ]
    counted = any(each.kind is FactKind.CASUALTIES for each in found)
    found += [
        seen(FactKind.CHANGE, each.kind, name=each.after, was=each.before) for each in _changes(post, reading, counted)
    ]
    return [*found, *(seen(FactKind.AUTHORITY, each.code, name=each.name) for each in _authorities(read))]


def _changes(post: Post, reading: Reading, counted: bool) -> tuple[TextChange, ...]:
    """The most telling of the changes that *post* makes to an earlier text, if it is one to tell.

    Where people are *counted*, that count is the news, and not once more that it changed.
    """
    heard = post.standing in LOUD or reading.sentiment.label is Polarity.NEGATIVE or _grave(post, reading)
    by_count = (ChangeKind.HARM, ChangeKind.NUMBER) if counted else ()
    told = [each for each in post.changes if each.kind not in (ChangeKind.WORD, *by_count)]
    return tuple(told[:1]) if heard else ()


def outlet(post: Post, reading: Reading, story_id: str, at: datetime) -> Sighting | None:
    """An outlet that tells what is bad for the topic. A copy of another outlet's text counts too."""
    if post.standing is not Standing.OUTLET or reading.sentiment.label is Polarity.POSITIVE:
        return None
    if reading.sentiment.label is not Polarity.NEGATIVE and not any(each >= SURE for each in reading.risks.values()):
        return None
    return Sighting(
        kind=FactKind.OUTLET, at=at, post_id=post.id, story_id=story_id, source=post.source[:LONGEST_SOURCE],
        standing=post.standing, what=post.copy_of or post.id,
    )  # fmt: skip


def rank(post: Post) -> int:
    """The place of a title on its board, as its address says it; 0 where it does not."""
    found = _RANK.search(post.url)
    return int(found[1]) if found else 0


def _grave(post: Post, reading: Reading) -> bool:
    return post.standing in LOUD or any(reading.risks.get(risk, 0.0) >= SURE for risk in HARMS)


def _casualties(read: tuple[Passage, ...], post: Post) -> list[Casualties]:
    """The highest count of each kind in the sentences that speak of the topic."""
    best: dict[str, Casualties] = {}
    for sentence in read:
        wanted = sentence.what.intersection(CASUALTIES)
        if not (wanted and sentence.close):
            continue
        for each in casualties(sentence.text, post.published.year, wanted):
            if each.what not in best or each.count.n > best[each.what].count.n:
                best[each.what] = each
    return list(best.values())


def _authorities(read: tuple[Passage, ...]) -> Iterable[Authority]:
    """The authorities that act in the sentences that speak of the topic, each once."""
    acting = (each for one in read if one.close and "authority" in one.what for each in authorities(one.text))
    named: dict[str, Authority] = {}
    for each in acting:
        named.setdefault(each.code, each)
    return named.values()


def _own(read: tuple[Passage, ...], reading: Reading) -> list[str]:
    """What a post of the organisation's own says; a cheerful one, only what is plain."""
    found = dict.fromkeys(what for each in read if "statement" in each.what for what in own_words(each.text))
    cheerful = reading.sentiment.label is Polarity.POSITIVE
    kept = [what for what in found if not (cheerful and what in ("statement", "withdrawal"))]
    return [what for what in kept if what != "statement" or len(kept) == 1]


def _said_of(read: tuple[Passage, ...], subject: Subject, post: Post) -> list[str]:
    told, loud = [each.text for each in read if "statement" in each.what], post.standing in LOUD
    return list(dict.fromkeys(what for text in told for what in said_of(text, subject, all_kinds=loud)))


def _said(what: str) -> FactKind:
    return FactKind.DELETION if what == "deletion" else FactKind.STATEMENT
