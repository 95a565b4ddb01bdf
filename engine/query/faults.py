"""What is wrong with a topic query, in both languages, with the place."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from engine.errors import EngineError

FAULTS: Mapping[str, tuple[str, str]] = {
    "empty": ("The query is empty: write at least one word.", "查询是空的：请至少写一个词。"),
    "long": (
        "The query is too long: {limit} characters are the most.",
        "查询太长：最多 {limit} 个字符。",
    ),
    "deep": (
        "The query is nested too deeply from “{found}” (character {place}) on: {limit} levels are the most.",
        "从第 {place} 个字符“{found}”起嵌套太深：最多 {limit} 层。",
    ),
    "open": (
        "The bracket “{found}” at character {place} is never closed.",
        "第 {place} 个字符处的括号“{found}”没有闭合。",
    ),
    "close": (
        "The bracket “{found}” at character {place} closes nothing.",
        "第 {place} 个字符处的括号“{found}”没有对应的左括号。",
    ),
    "hollow": (
        "There is nothing inside the brackets at character {place}, “{found}”.",
        "第 {place} 个字符“{found}”处的括号里没有内容。",
    ),
    "quote": (
        "The quotation mark {found} at character {place} has no partner.",
        "第 {place} 个字符处的引号 {found} 没有配对。",
    ),
    "before": (
        "“{found}” at character {place} needs something before it.",
        "第 {place} 个字符处的“{found}”前面缺少内容。",
    ),
    "after": (
        "“{found}” at character {place} needs something after it.",
        "第 {place} 个字符处的“{found}”后面缺少内容。",
    ),
    "nothing": (
        "“{found}” at character {place} has no letter or digit to look for.",
        "第 {place} 个字符处的“{found}”里没有可查找的文字。",
    ),
    "star": (
        "The star “{found}” at character {place} may only stand at the end of a word.",
        "第 {place} 个字符处的“{found}”只能放在词尾。",
    ),
    "comma": (
        "“{found}” at character {place} does not separate terms: write OR or AND, or put the whole in quotation marks.",
        "第 {place} 个字符处的“{found}”不能分隔词语：请写 OR 或 AND，或者把整段放进引号。",
    ),
    "field": (
        "“{found}” at character {place} is no field: there are lang:, source: and author:. "
        "To look for the text itself, put it in quotation marks.",
        "第 {place} 个字符处的“{found}”不是可用的字段：只有 lang:、source:、author:（语言:、来源:、作者:）。"
        "如要查找这段文字本身，请加引号。",
    ),
    "value": (
        "“{found}” at character {place} needs a value right after the colon, such as {example}.",
        "第 {place} 个字符处的“{found}”冒号后面要紧跟一个值，例如 {example}。",
    ),
    "language": (
        "“{found}” at character {place} is no language code: write zh, en, ja and so on.",
        "第 {place} 个字符处的“{found}”不是语言代码：请写 zh、en、ja 等。",
    ),
    "near": (
        "“{found}” at character {place} needs a number of words from 0 to 100, such as NEAR/5.",
        "第 {place} 个字符处的“{found}”需要 0 到 100 的字数，例如 NEAR/5。",
    ),
    "chain": (
        "“{found}” at character {place} is one NEAR too many: it joins two terms, "
        "so write (a NEAR/3 b) AND (b NEAR/3 c).",
        "第 {place} 个字符处的“{found}”多了：NEAR 只连接两个词，请写 (甲 NEAR/3 乙) AND (乙 NEAR/3 丙)。",
    ),
    "beside": (
        "“{found}” at character {place} cannot stand beside NEAR: it joins words, phrases and lists of them with OR.",
        "第 {place} 个字符处的“{found}”不能与 NEAR 连用：NEAR 只连接词、短语，或用 OR 连接的一组词。",
    ),
    "negative": (
        "“{found}” at character {place} alone would match nearly every post: say also what the post must contain.",
        "单凭第 {place} 个字符处的“{found}”几乎会匹配所有内容：请同时写出必须包含的词。",
    ),
}

MEANT = {"and": "AND", "or": "OR", "not": "NOT", "near": "NEAR/5"}
MEANT |= {"和": "AND", "与": "AND", "且": "AND", "或": "OR", "或者": "OR", "非": "NOT", "不含": "NOT"}
"""Words that somebody who writes a query seldom wants to find, and what they would have to write."""


def slip(word: str, meant: str) -> Mapping[str, str]:
    """A remark, not a fault: *word* is looked for, though *meant* may have been meant."""
    return {
        "en": f"“{word}” is looked for as a word; if you mean the operator, write {meant}.",
        "zh": f"“{word}”会被当作词语查找；如果是指逻辑关系，请写 {meant}。",
    }


WINDOW = 60  # characters of a long query that are shown around the place


class QueryError(EngineError):
    """A query that cannot be understood. *position* counts characters from 0; *kind* is a key of FAULTS.

    The message is a plain English sentence; ``text`` holds it in every language that Tocsin speaks.
    """

    def __init__(self, kind: str, query: str, position: int, found: str = "", **words: object) -> None:
        place = {"place": position + 1, "found": _shown(found), **words}
        english, chinese = (sentence.format(**place) for sentence in FAULTS[kind])
        super().__init__(english)
        self.kind, self.query, self.position, self.found = kind, query, position, found
        self.text: Mapping[str, str] = MappingProxyType({"en": english, "zh": chinese})

    def pointed(self) -> str:
        """The query and below it a caret under the character, for a fixed-width font.

        Wide characters are matched by wide spaces, so that the caret stands right in any such font.
        """
        begin = max(0, self.position - WINDOW // 2)
        line = "".join(char if char.isprintable() else " " for char in self.query[begin : begin + WINDOW])
        line = f"{'…' if begin else ''}{line}{'…' if begin + WINDOW < len(self.query) else ''}"
        ahead = line[: self.position - begin + bool(begin)]
        return f"{line}\n{''.join(map(_blank, ahead))}^"


def _blank(char: str) -> str:
    """White space that is as wide as *char*."""
    if unicodedata.combining(char):
        return ""
    return "\u3000" if unicodedata.east_asian_width(char) in "WF" else " "


def _shown(found: str) -> str:
    return found if len(found) <= 30 else f"{found[:29]}…"
