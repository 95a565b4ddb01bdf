"""From the text of a topic query to its clauses, or to the character that is wrong."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from engine.post import NoteValue
from engine.query.clauses import Clause, Field, Group, Near, Not, Term, unknown
from engine.query.faults import QueryError, QueryFault
from engine.query.normalisation import normalised

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
FIELDS = {
    "lang": "lang",
    "source": "source",
    "author": "author",
    "语言": "lang",
    "来源": "source",
    "作者": "author",
}
EXAMPLES = {"lang": "lang:zh", "source": "source:weibo*", "author": 'author:"x y"'}
LANGUAGES = {"中文": "zh", "汉语": "zh", "英文": "en", "英语": "en"}
MEANT = {"and": "AND", "or": "OR", "not": "NOT", "near": "NEAR/5"}
MEANT |= {"和": "AND", "与": "AND", "且": "AND", "或": "OR", "或者": "OR", "非": "NOT", "不含": "NOT"}
"""Words that somebody who writes a query seldom wants to find, and what they would have to write."""

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
COMMA = re.compile(r"(?<!\d)[,、;]|[,、;](?!\d)")
JOINING = {"_AND", "OR", "VBAR", "NEAR"}
TERMS = {"WORD", "PHRASE", "FIELD"}


def read(text: str) -> Clause:
    """The clauses of *text*. Raises QueryError."""
    if len(text) > LONGEST:
        raise QueryError(QueryFault.LONG, text, LONGEST, limit=LONGEST)
    plain = text.translate(SIGNS)
    if not plain.strip():
        raise QueryError(QueryFault.EMPTY, text, 0)
    try:
        tokens = list(_parser().lex(plain))
    except UnexpectedCharacters as error:  # only a quotation mark can start nothing
        place = error.pos_in_stream or 0
        raise QueryError(QueryFault.QUOTE, text, place, text[place]) from None
    _check_nesting(tokens, text)
    try:
        root = _Builder(text).transform(_parser().parse(plain))
    except UnexpectedToken as error:
        _refuse(error.token, tokens, text)
    except VisitError as error:
        raise error.orig_exc from None
    _check_positive(root, text)
    return root


def _check_nesting(tokens: list[Token], text: str) -> None:
    """Every bracket has its partner, and nothing is nested so deeply that it exhausts the stack."""
    opened: list[tuple[Token, int]] = []
    negations = 0
    for token in tokens:
        if token.type in ("NOT", "MINUS"):
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
    if before is not None and before.type in JOINING | {"NOT", "MINUS"}:
        if before.type == "NEAR" and token.type in ("NOT", "MINUS"):
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
    """Lark's tree into clauses, bottom up; the methods are the rules of query.lark."""

    def __init__(self, text: str) -> None:
        super().__init__(visit_tokens=False)
        self._text = text

    def word(self, children: list[Token]) -> Term:
        word, (start, end) = str(children[0]), _span(children[0])
        if word.startswith("NEAR") and word[4:5] in ("", "/"):
            self._fail(QueryFault.NEAR, start, end)
        if comma := COMMA.search(word):
            self._fail(QueryFault.COMMA, start + comma.start(), start + comma.end())
        bare = word.removesuffix("*")
        if "*" in bare:
            self._fail(QueryFault.STAR, start + bare.index("*"), start + bare.index("*") + 1)
        return self._term(bare, (start, end), prefix=word.endswith("*"))

    def phrase(self, children: list[Token]) -> Term:
        token = children[0]
        return self._term(token.rstrip("*")[1:-1], _span(token), prefix=token.endswith("*"))

    def _term(self, raw: str, span: tuple[int, int], *, prefix: bool) -> Term:
        pattern = normalised(raw).text.strip()
        if not any(unicodedata.category(char)[0] in "LNS" for char in pattern):
            self._fail(QueryFault.NOTHING, *span)
        return Term(span=span, pattern=pattern, prefix=prefix)

    def known(self, children: list[Token]) -> Field:
        (start, end), (key, _, value) = _span(children[0]), children[0].partition(":")
        name = FIELDS.get(key.casefold())
        if name is None:
            self._fail(QueryFault.FIELD, start, start + len(key) + 1)
        folded = normalised(value.strip('"')).text.strip()
        if not folded.strip("*"):
            self._fail(QueryFault.VALUE, start, end, example=EXAMPLES[name])
        if name == "lang":
            folded = LANGUAGES.get(folded, folded).replace("_", "-")
            if not LANGUAGE.fullmatch(folded):
                self._fail(QueryFault.LANGUAGE, start, end)
        return Field(span=(start, end), name=name, value=folded.removeprefix("@"))

    def any(self, parts: list[Clause]) -> Clause:
        return Group(span=(parts[0].span[0], parts[-1].span[1]), parts=tuple(parts), every=False)

    def every(self, parts: list[Clause]) -> Clause:
        return Group(span=(parts[0].span[0], parts[-1].span[1]), parts=tuple(parts), every=True)

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
