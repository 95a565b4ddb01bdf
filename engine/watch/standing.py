"""How far a source carries when nobody has said so: a short list of well-known kinds, by the source's name.

The settings of a source (``standing:``) always win; this serves files of posts, which name only their source.
"""

from __future__ import annotations

import re

from engine.post import Standing

_KINDS: tuple[tuple[Standing, re.Pattern[str]], ...] = (
    (Standing.BOARD, re.compile(r"hot[-_ ]?(search|list|board)|trending|热搜|热榜|头条榜", re.I)),
    (
        Standing.OUTLET,
        re.compile(
            r"news|times|post\b|guardian|reuters|\bap\b|bbc|nyt|cnn|herald|tribune|journal|日报|晚报|新闻|新华|通讯社|电视台",
            re.I,
        ),
    ),
    (Standing.COMMENT, re.compile(r"comment|review|ticket|support|评论|点评|客服", re.I)),
)


def standing_of(source: str) -> Standing:
    """The standing that the name of *source* suggests; a social network where it suggests nothing."""
    return next((standing for standing, pattern in _KINDS if pattern.search(source)), Standing.SOCIAL)
