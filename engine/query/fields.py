"""Conditions on what is known of a post besides its words: where it comes from, what kind it is, how far it reaches."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.post import Standing
from engine.query.clauses import Clause
from engine.query.context import MatchContext
from engine.query.normalisation import normalised
from engine.query.patterns import fits

NAMES: Mapping[str, str] = {
    "lang": "lang", "source": "source", "author": "author", "title": "title", "hashtag": "hashtag", "url": "url",
    "outlet": "outlet", "kind": "kind", "case": "case", "exact": "exact", "sub": "sub",
    "语言": "lang", "来源": "source", "作者": "author", "标题": "title", "标签": "hashtag", "链接": "url",
    "媒体": "outlet", "类型": "kind",
}  # fmt: skip
"""What may stand before a colon → what it means."""

EXAMPLES: Mapping[str, str] = {
    "lang": "lang:zh", "source": "source:weibo*", "author": 'author:"x y"', "title": "title:recall",
    "hashtag": "hashtag:recall", "url": "url:example.com", "outlet": "outlet:reuters*", "kind": "kind:board",
    "case": "case:Gap", "exact": 'exact:"Coca-Cola"', "sub": "sub:cola", "reach": "reach>10000",
}  # fmt: skip

LANGUAGES = {"中文": "zh", "汉语": "zh", "英文": "en", "英语": "en"}
KINDS = {one.value: one.value for one in Standing}
KINDS |= {"热搜": "board", "榜单": "board", "媒体": "outlet", "新闻": "outlet", "社交": "social", "评论": "comment"}

COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
UNITS = {"": 1, "k": 1_000, "千": 1_000, "万": 10_000, "m": 1_000_000, "亿": 100_000_000}


@dataclass(frozen=True, kw_only=True)
class Field(Clause):
    """A condition on what is known of the post; *value* is folded, ``*`` in it stands for anything."""

    name: str
    value: str

    def holds(self, context: MatchContext) -> bool:
        return _HOLDS.get(self.name, _stated)(self, context)


@dataclass(frozen=True, kw_only=True)
class Reach(Clause):
    """A condition on how many people a post reaches; one whose reach is not known fulfils none."""

    sign: str
    count: int

    def holds(self, context: MatchContext) -> bool:
        reach = context.post.reach
        return reach is not None and COMPARISONS[self.sign](reach, self.count)


def _stated(field: Field, context: MatchContext) -> bool:
    return fits(field.value, _folded(getattr(context.post, field.name)))


def _spoken(field: Field, context: MatchContext) -> bool:
    return context.language == field.value or context.language.startswith(f"{field.value}-")


def _addressed(field: Field, context: MatchContext) -> bool:
    return any(fits(f"*{field.value}*", line) for line in context.addresses.splitlines())


def _published(field: Field, context: MatchContext) -> bool:
    return any(fits(field.value, name) for name in _outlets(context))


def _outlets(context: MatchContext) -> Iterator[str]:
    """What the publisher goes by: the author, the source, the site and each part of its name."""
    yield _folded(context.post.author)
    yield _folded(context.post.source)
    try:
        host = urlsplit(context.post.url).hostname or ""
    except ValueError:  # half an address
        return
    yield host
    yield from host.split(".")[:-1]


def _of_kind(field: Field, context: MatchContext) -> bool:
    return context.post.standing.value == field.value


def _folded(value: str) -> str:
    return normalised(value).text.strip().removeprefix("@")


_HOLDS: Mapping[str, Callable[[Field, MatchContext], bool]] = {
    "lang": _spoken,
    "url": _addressed,
    "outlet": _published,
    "kind": _of_kind,
}
