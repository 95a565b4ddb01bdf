"""Texts to measure the engine's speed on: made up with a fixed seed, or those of a file of posts."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import LocalisedError
from engine.post import Post, Topic

Pair = tuple[Post, Topic | None]

SEED = 20261122
ENGLISH = (
    "the train was late again and nobody at the counter could say why",
    "our order came cold and half of it was missing",
    "regulators asked the company for its records on Monday",
    "three weeks without an answer to my complaint",
    "shares closed two percent lower in thin trading",
    "honestly the best service I have had in years",
    "staff handed out water and kept everybody calm",
    "they promised a refund and sent a voucher instead",
    "a spokesperson said that the matter was being looked into",
    "does anybody know if the shop on the corner is open",
)
CHINESE = (
    "今天又排了一个小时的队，没有人出来解释",
    "客服一直说在处理，三周了还没有结果",
    "公司周一回应称正在核实有关情况",
    "味道还是以前的味道，服务态度也很好",
    "监管部门已经要求提交相关记录",
    "买回来第二天就坏了，要求退款被拒绝",
    "店员给大家送了水，秩序一直很好",
    "股价收盘下跌百分之二，成交清淡",
    "有没有人知道这家店现在还开门吗",
    "说好的全额退款最后变成了优惠券",
)


def made_up(count: int, seed: int = SEED) -> list[str]:
    """*count* texts, Chinese and English in turn, of very mixed length: from a sentence to a long post, about 60
    tokens on average."""
    chance = random.Random(seed)
    return [_text(chance, number % 2 == 0) for number in range(count)]


def _text(chance: random.Random, chinese: bool) -> str:
    pieces = CHINESE if chinese else ENGLISH
    sentences = min(18, max(1, round(chance.lognormvariate(1.3, 0.8))))
    chosen = [chance.choice(pieces) for _ in range(sentences)]
    return "。".join(chosen) + "。" if chinese else ". ".join(chosen) + "."


def of_file(path: Path, count: int) -> list[str]:
    """The texts of the first *count* posts in *path* (JSONL); raises LocalisedError with the line that is none."""
    texts: list[str] = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip() and len(texts) < count:
                    texts.append(_of_line(path, number, line))
    except (OSError, UnicodeDecodeError) as error:
        raise LocalisedError("bench.unreadable", path=path, why=type(error).__name__) from error
    if not texts:
        raise LocalisedError("history.no_posts", path=path)
    return texts


def _of_line(path: Path, number: int, line: str) -> str:
    try:
        post = json.loads(line)
    except json.JSONDecodeError:
        post = None
    if not isinstance(post, dict) or not isinstance(post.get("text"), str) or not post["text"].strip():
        raise LocalisedError("bench.no_post", path=path, line=str(number))
    return str(post["text"])


def as_pairs(texts: Sequence[str]) -> list[Pair]:
    """A post for each text, and no topic, as a reader takes them."""
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return [(Post(id=str(number), published=when, text=text), None) for number, text in enumerate(texts)]
