"""From the text of a topic query to its clauses, or to the character that is wrong."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from engine.post import NoteValue
from engine.query.clauses import Clause, Group, Not
from engine.query.faults import QueryError, QueryFault
from engine.query.fields import EXAMPLES, KINDS, LANGUAGES, NAMES, UNITS, Field, Reach
from engine.query.joining import Near, together
from engine.query.matcher import unknown
from engine.query.normalisation import normalised
from engine.query.terms import Mode, Term
from engine.query.wording import WordError, term

LONGEST = 10_000  # characters of a query
DEEPEST = 50  # levels of nesting
FARTHEST = 100  # words of NEAR

# Full-width signs as people with a Chinese keyboard type them, one character for one, so that places stay.
SIGNS = (
    {0xFF01 + place: 0x21 + place for place in range(94)}
    | dict.fromkeys(map(ord, "\u3000\u00a0"), " ")
    | dict.fromkeys(map(ord, "“”„‟「」『』〝〞"), '"')
    | dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
)
MEANT = {"and": "AND", "or": "OR", "not": "NOT", "near": "NEAR/5"}
MEANT |= {"和": "AND", "与": "AND", "且": "AND", "或": "OR", "或者": "OR", "非": "NOT", "不含": "NOT"}
"""Words that somebody who writes a query seldom wants to find, and what they would have to write."""

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
REACH = re.compile(r"([<>]=?)\s*(\d+(?:,\d{3})*(?:\.\d+)?)([kKmM千万亿]?)$")
COMMA = re.compile(r"(?<!\d)[,、;]|[,、;](?!\d)")
JOINING = {"_AND", "OR", "VBAR", "NEAR"}
MODES = {mode.value for mode in Mode}
NEGATING = {"NOT", "ANDNOT", "MINUS"}
TERMS = {"WORD", "PHRASE", "FIELD", "REACH"}


def read(text: str) -> Clause:
    """The clauses of *text*. Raises QueryError."""
    if len(text) > LONGEST:
        raise QueryError(QueryFault.LONG, text, LONGEST, limit=LONGEST)
    tokens, plain = tokens_of(text), text.translate(SIGNS)
    if not tokens:
        raise QueryError(QueryFault.EMPTY, text, 0)
    _check_nesting(tokens, text)
    try:
        root = _Builder(text).transform(_parser().parse(plain))
    except UnexpectedToken as error:
        _refuse(error.token, tokens, text)
    except VisitError as error:
        raise error.orig_exc from None
    _check_positive(root, text)
    return root


def tokens_of(text: str) -> list[Token]:
    """The words, signs and operators of *text*, with their places. Raises QueryError for an open quotation."""
    try:
        return list(_parser().lex(text.translate(SIGNS)))
    except UnexpectedCharacters as error:  # only a quotation mark can start nothing
        place = error.pos_in_stream or 0
        raise QueryError(QueryFault.QUOTE, text, place, text[place]) from None


def _check_nesting(tokens: list[Token], text: str) -> None:
    """Every bracket has its partner, and nothing is nested so deeply that it exhausts the stack."""
    opened: list[tuple[Token, int]] = []
    negations = 0
    for token in tokens:
        if token.type in NEGATING:
            negations += 1
        elif token.type == "LPAR":
            opened.append((token, negations + 1))
            negations = 0
        elif token.type == "RPAR" and not opened:
            _raise(QueryFault.CLOSE, token, text)
        else:
            negations = 0
            if token.type == "RPAR":
                opened.pop()
        if sum(levels for _, levels in opened) + negations > DEEPEST:
            _raise(QueryFault.DEEP, token, text, limit=DEEPEST)
    if opened:
        _raise(QueryFault.OPEN, opened[-1][0], text)


def _check_positive(root: Clause, text: str) -> None:
    """Refuse a query that holds for a post of which nothing is known."""
    if root.holds(unknown()):
        blame = next(part for part in root.walk() if isinstance(part, Not))
        raise QueryError(QueryFault.NEGATIVE, text, blame.span[0], text[slice(*blame.span)])


def _refuse(token: Token, tokens: list[Token], text: str) -> NoReturn:
    """Raise the fault because of which *token* cannot stand where it stands."""
    if token.type == "$END":
        _raise(QueryFault.AFTER, tokens[-1], text)
    place = next(index for index, other in enumerate(tokens) if other.start_pos == token.start_pos)
    before = tokens[place - 1] if place else None
    if token.type == "NEAR" and before is not None and before.type in TERMS | {"RPAR"}:
        _raise(QueryFault.CHAIN, token, text)
    if before is not None and before.type in JOINING | NEGATING:
        if before.type == "NEAR" and token.type in NEGATING:
            _raise(QueryFault.BESIDE, token, text)
        _raise(QueryFault.AFTER, before, text)
    if token.type == "RPAR":
        _raise(QueryFault.HOLLOW, token, text)
    _raise(QueryFault.BEFORE, token, text)


def _raise(kind: QueryFault, token: Token, text: str, **values: NoteValue) -> NoReturn:
    start, end = _span(token)
    raise QueryError(kind, text, start, text[start:end], **values)


def _span(token: Token) -> tuple[int, int]:
    assert token.start_pos is not None
    assert token.end_pos is not None
    return token.start_pos, token.end_pos


class _Builder(Transformer[Token, Clause]):
    """Makes clauses of what the grammar found. It is given half-width signs, and tells places of *text*."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def word(self, children: list[Token]) -> Term:
        word = children[0]
        if COMMA.search(word):
            place = _span(word)[0] + cast(re.Match[str], COMMA.search(word)).start()
            self._fail(QueryFault.COMMA, place, place + 1)
        if word == "NEAR" or word.startswith("NEAR/"):
            self._fail(QueryFault.NEAR, *_span(word))
        return self._term(str(word), _span(word))

    def phrase(self, children: list[Token]) -> Clause:
        quoted, _, after = children[0][1:].rpartition('"')
        if after.startswith("~"):
            return self._apart(quoted, int(after[1:]), _span(children[0]))
        return self._term(quoted, _span(children[0]), quoted=True, prefix=after == "*")

    def _apart(self, quoted: str, words: int, span: tuple[int, int]) -> Clause:
        """What other tools write as ``"apple pay"~3``: each word near the next."""
        words = min(words, FARTHEST)
        terms = [self._term(word, span, quoted=True) for word in quoted.split()]
        if len(terms) < 2:
            return self._term(quoted, span, quoted=True)
        pairs = [Near(span=span, left=one, right=two, words=words) for one, two in pairwise(terms)]
        return together(pairs, span)

    def _term(self, raw: str, span: tuple[int, int], **how: Any) -> Term:
        try:
            return term(raw, span, **how)
        except WordError as error:
            self._fail(error.kind, *span)

    def known(self, children: list[Token]) -> Clause:
        span, (key, _, value) = _span(children[0]), children[0].partition(":")
        name, quoted = NAMES.get(key.casefold()), value.startswith('"')
        if name is None:
            self._fail(QueryFault.FIELD, span[0], span[0] + len(key) + 1)
        bare = value.strip('"')
        if not bare.strip("* "):
            self._fail(QueryFault.VALUE, *span, example=EXAMPLES[name])
        if name in ("title", "hashtag"):
            return self._term(bare.removeprefix("#"), span, quoted=quoted, within=name)
        if name in MODES:
            return self._term(bare, span, quoted=quoted, mode=Mode(name))
        return Field(span=span, name=name, value=self._value(name, bare, span))

    def _value(self, name: str, bare: str, span: tuple[int, int]) -> str:
        folded = normalised(bare).text.strip()
        if name == "lang":
            folded = LANGUAGES.get(folded, folded).replace("_", "-")
            if not LANGUAGE.fullmatch(folded):
                self._fail(QueryFault.LANGUAGE, *span)
        if name == "kind":
            if folded not in KINDS:
                self._fail(QueryFault.VALUE, *span, example=EXAMPLES[name])
            return KINDS[folded]
        return re.sub(r"^https?://", "", bare.casefold()) if name == "url" else folded.removeprefix("@")

    def reach(self, children: list[Token]) -> Clause:
        span = _span(children[0])
        found = REACH.search(children[0])
        if found is None:
            self._fail(QueryFault.VALUE, *span, example=EXAMPLES["reach"])
        count = float(found[2].replace(",", "")) * UNITS[found[3].casefold()]
        return Reach(span=span, sign=found[1], count=int(count))

    def any(self, parts: list[Clause]) -> Clause:
        return Group(span=(parts[0].span[0], parts[-1].span[1]), parts=tuple(parts), every=False)

    def every(self, parts: list[Clause]) -> Clause:
        return together(parts, (parts[0].span[0], parts[-1].span[1]))

    def negation(self, children: list[Any]) -> Clause:
        sign, part = children
        return Not(span=(_span(sign)[0], part.span[1]), part=part)

    def group(self, children: list[Any]) -> Clause:
        return cast(Clause, children[0])

    def near(self, children: list[Any]) -> Clause:
        left, sign, right = children
        words = int(sign.partition("/")[2])
        if words > FARTHEST:
            self._fail(QueryFault.NEAR, *_span(sign))
        for side in (left, right):
            for part in side.walk():
                if not isinstance(part, Term) and not (isinstance(part, Group) and not part.every):
                    self._fail(QueryFault.BESIDE, *part.span)
        return Near(span=(left.span[0], right.span[1]), left=left, right=right, words=words)

    def _fail(self, kind: QueryFault, start: int, end: int, **values: NoteValue) -> NoReturn:
        raise QueryError(kind, self._text, start, self._text[start:end], **values)


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("query.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=False)
