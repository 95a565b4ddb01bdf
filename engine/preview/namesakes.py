"""Signs that a name in matching posts means another thing: the fruit, not the company.

Two signs are looked for: a name that the query writes with a capital stands in small letters in a text that has
capitals; and a Chinese name that is a word of the dictionary is counted or owned as a thing is. Both are signs only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.post import Post
from engine.query.context import MatchContext, Span
from engine.query.terms import Mode, Term
from engine.text.chinese_words import is_word, stands_for_a_thing
from engine.text.fingerprints import words

LEAST = 2
"""Posts that show the sign; one may be a slip."""

LEAST_SHARE = 0.1
BESIDE = 3
"""Words that are told of the company which a namesake keeps."""

NAMING = ("@", "#", ".", "/")
"""What stands before a name in a handle, a tag or an address, where nobody minds capitals."""

CAPITAL = re.compile(r"[A-Z][a-z]")


@dataclass(frozen=True, kw_only=True)
class Namesake:
    """In *posts* of the *looked_at* ones with *word* it may mean another thing; there it stands *beside* these words.
    *instead* is what to write so that they are left out, empty if no notation does that."""

    word: str
    posts: int
    looked_at: int
    beside: tuple[str, ...] = ()
    instead: str = ""


def namesakes(text: str, terms: Sequence[Term], kept: Sequence[tuple[Post, MatchContext]]) -> Iterator[Namesake]:
    """The likely namesakes of the *terms* of the query *text* among matching posts."""
    for term in terms:
        word = text[slice(*term.span)]
        if term.mode is not Mode.WORD or term.wild or term.prefix or not word.isalpha():
            continue
        there = [(post, context, term.spans(context)) for post, context in kept]
        there = [found for found in there if found[2]]
        strange = [post for post, context, spans in there if _strange(word, context, spans)]
        if len(strange) >= max(LEAST, LEAST_SHARE * len(there)):
            yield Namesake(
                word=word,
                posts=len(strange),
                looked_at=len(there),
                beside=_beside(word, strange, [post for post, *_ in there]),
                instead=f"case:{word}" if word.isascii() else "",
            )


def _strange(word: str, context: MatchContext, spans: Sequence[Span]) -> bool:
    text = context.folded.text
    if word.isascii():
        if not (word[:1].isupper() and CAPITAL.search(context.post.body)):
            return False
        return not any(context.capital(start) or text[start - 1 : start] in NAMING for start, _ in spans)
    return is_word(text[slice(*spans[0])]) and all(stands_for_a_thing(text, start) for start, _ in spans)


def _beside(word: str, strange: Sequence[Post], all_posts: Sequence[Post]) -> tuple[str, ...]:
    """Words of the strange posts that the others seldom have."""
    inside = Counter(each for post in strange for each in set(words(post.body[:600])))
    usual = Counter(each for post in all_posts for each in set(words(post.body[:600])))
    own = word.casefold()
    telling = {
        each: n * n / usual[each] for each, n in inside.items() if len(each) > 1 and each not in (own, f"{own}s")
    }
    best = sorted(telling, key=lambda each: (-telling[each], each))
    return tuple(best[:BESIDE])
