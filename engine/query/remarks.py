"""What the author of a query may have meant otherwise. The query works as it stands; its author is told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lark import Token

from engine.post import Note
from engine.query.clauses import Clause, Group
from engine.query.grammar import FARTHEST, MEANT, tokens_of
from engine.query.terms import Mode, Term
from engine.text.everyday_words import is_everyday

OPERATOR_AS_WORD, READ_AS, NO_SYNTAX, EVERYDAY = "operator_as_word", "read_as", "no_syntax", "everyday"
"""The codes: a word that may be meant as an operator; another tool's notation that is understood; one that is not;
a name that is a word as well."""

NEAR_ELSEWHERE = re.compile(r"(?:near|w|within|adj|pre|onear)/?(\d{1,3})|near/(\d{1,3})", re.IGNORECASE)
ELSEWHERE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(\w+)\?(\w+)"), r"\1*\2"),  # colo?r
    (re.compile(r"(\w+)~\d*(?:\.\d+)?"), r"\1*"),  # roam~
    (re.compile(r"(\w+)\^\d+(?:\.\d+)?"), r"\1"),  # crash^2
    (re.compile(r"\+(\w+)"), r"\1"),  # +crash
    (re.compile(r"!(\w+)"), r"-\1"),  # !crash
    (re.compile(r"/(\w.*\w)/"), r"\1"),  # /crash/
)
"""What other tools write, and what to write here."""


def remarks(text: str, root: Clause) -> Iterator[Note]:
    """What there is to say of the query *text*, each thing once."""
    told: dict[tuple[str, str], Note] = {}
    for note in (*_of_tokens(text), *_everyday(text, root)):
        told.setdefault((note.code, note.text("word")), note)
    yield from told.values()


def _of_tokens(text: str) -> Iterator[Note]:
    for token in tokens_of(text):
        word = text[token.start_pos : token.end_pos]
        if token.type == "WORD":
            yield from _of_word(word)
        elif token.type == "ANDNOT":
            yield _note(READ_AS, word, "NOT")
        elif _far(token):
            words, _, far = token[1:].rpartition('"~')
            yield _note(READ_AS, word, f" NEAR/{min(int(far), FARTHEST)} ".join(words.split()))


def _of_word(word: str) -> Iterator[Note]:
    near = NEAR_ELSEWHERE.fullmatch(word)
    if word in MEANT or near:
        yield _note(OPERATOR_AS_WORD, word, f"NEAR/{near[1] or near[2]}" if near else MEANT[word])
    for pattern, meant in ELSEWHERE:
        if found := pattern.fullmatch(word):
            yield _note(NO_SYNTAX, word, found.expand(meant))


def _far(token: Token) -> bool:
    return token.type == "PHRASE" and '"~' in token and len(token.split()) > 1


def _everyday(text: str, root: Clause) -> Iterator[Note]:
    """Names that bring posts by themselves, and that everybody uses as words in small letters."""
    alone = root.parts if isinstance(root, Group) and not root.every else (root,)
    for part in alone:
        if isinstance(part, Term) and part.mode is Mode.WORD and not (part.prefix or part.wild or part.within):
            word = text[slice(*part.span)]
            if word[:1].isupper() and word.isalpha() and is_everyday(word.lower()):
                yield _note(EVERYDAY, word, f"case:{word}")


def _note(code: str, word: str, meant: str) -> Note:
    return Note(code=code, values={"word": word, "meant": meant})
