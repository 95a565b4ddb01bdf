"""Words, authors and embeddings for invented posts, so that the watch finds stories in them as in real ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.post import RISKS, Post, Reading, Sentiment, Topic
from engine.watch.watch import Arrival

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bot.bench.detection.synthetic import SyntheticBrand, SyntheticStream

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
DIMENSIONS = 32
NOISE = 0.9
"""How far a post strays from its theme: two posts of one theme have a cosine of about 0.55, two others of none."""

LABELS = ("negative", "neutral", "positive")
SOURCES = ("forum", "microblog", "short video", "video", "q and a", "reviews of shops", "photo app", "city board")
WORDS = {
    "en": "store queue order refund parcel flavour menu price coupon driver app update screen battery seat flight "
    "ticket bag colour size fabric clerk phone letter invoice garden kitchen summer sample sticker box bottle label "
    "street morning weekend colleague neighbour aunt cousin",
    "zh": "门店 排队 订单 退款 包裹 口味 菜单 价格 优惠 司机 应用 更新 屏幕 电池 座位 航班 车票 箱子 颜色 尺码 面料 "
    "店员 手机 来信 发票 花园 厨房 夏天 样品 贴纸 盒子 瓶子 标签 街道 早晨 周末 同事 邻居 阿姨 表弟",
}


def moment(minutes: float) -> datetime:
    """The time *minutes* after START, where every invented stream begins."""
    return START + timedelta(minutes=float(minutes))


class PostWriter:
    """Writes the posts of one brand; the same row always comes out the same."""

    def __init__(self, brand: SyntheticBrand) -> None:
        self._brand = brand
        self._words = WORDS[brand.lang].split()
        self._themes: dict[int, tuple[NDArray[np.float32], list[str]]] = {}

    @property
    def topic(self) -> Topic:
        return Topic(name=self._brand.name, query=self._brand.name, aliases=(self._brand.name,))

    def _theme(self, number: int) -> tuple[NDArray[np.float32], list[str]]:
        if number not in self._themes:
            rng = np.random.default_rng([self._brand.seed, 2, number])
            centre = rng.normal(size=DIMENSIONS).astype(np.float32)
            words = rng.choice(self._words, 6, replace=False).tolist()
            self._themes[number] = (centre / np.linalg.norm(centre), words)
        return self._themes[number]

    def arrival(self, stream: SyntheticStream, row: int) -> Arrival:
        """The post of *row* of *stream* with its reading, seen as soon as it was written."""
        at = moment(stream.at[row])
        origin = int(stream.first[row])
        rng = np.random.default_rng([self._brand.seed, 3, row])
        post = Post(
            id=str(row),
            published=at,
            seen=at,
            text=self._text(stream, row if origin < 0 else origin),
            source=SOURCES[int(rng.integers(len(SOURCES)))],
            author=f"author {rng.integers(4000)}",
            lang=self._brand.lang,
            copy_of=None if origin < 0 else str(origin),
        )
        return Arrival(post=post, reading=self._reading(stream, row, rng))

    def _text(self, stream: SyntheticStream, row: int) -> str:
        rng = np.random.default_rng([self._brand.seed, 4, row])
        own = self._theme(int(stream.theme[row]))[1]
        return f"{self._brand.name} {' '.join(rng.choice(own, 4, replace=False))}"

    def _reading(self, stream: SyntheticStream, row: int, rng: np.random.Generator) -> Reading:
        centre = self._theme(int(stream.theme[row]))[0]
        vector = centre + rng.normal(scale=NOISE / DIMENSIONS**0.5, size=DIMENSIONS).astype(np.float32)
        sure = float(stream.sure[row])
        risk = int(stream.risk[row])
        label = "negative" if stream.negative[row] else "positive" if stream.positive[row] else "neutral"
        rest = (1 - sure) / 2
        return Reading(
            post_id=str(row),
            lang=self._brand.lang,
            sentiment=Sentiment(
                **{name: sure if name == label else rest for name in ("negative", "neutral", "positive")}
            ),
            risks={} if risk < 0 else {RISKS[risk]: sure},
            embedding=(vector / np.float32(np.linalg.norm(vector))).astype(np.float32),
        )
