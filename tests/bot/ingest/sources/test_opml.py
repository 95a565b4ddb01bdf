"""Lists of feeds."""

from __future__ import annotations

import pytest

from bot.ingest.sources import FormatError, opml

OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>t</title></head><body>
<outline text="News"><outline type="rss" text="Wire &amp; Co" xmlUrl="https://wire.example/rss"/>
<outline type="rss" text="Wire &amp; Co" xmlUrl="https://wire.example/atom"/></outline>
<outline type="rss" text="again" xmlUrl="https://wire.example/rss"/>
<outline type="rss" text="bad" xmlUrl="javascript:x"/><outline type="rss" xmlUrl="https://x.example/f"/></body></opml>"""


def test_feeds_get_unique_names_and_come_once() -> None:
    listed = opml.parse(OPML.encode(), path="feeds.opml", taken=["https://X.example/f"])
    assert [one.url for one in listed] == [
        "https://wire.example/rss", "https://wire.example/atom", "https://x.example/f",
    ]  # fmt: skip
    assert len({one.name.casefold() for one in listed} | {"https://x.example/f"}) == 4


@pytest.mark.parametrize("body", ["", "<rss/>", "words", "<opml><body></body></opml>", "<opml"])
def test_what_is_no_opml_is_said(body: str) -> None:
    with pytest.raises(FormatError, match=r"feeds\.opml is not an OPML file"):
        opml.parse(body.encode(), path="feeds.opml")


def test_a_bomb_is_defused() -> None:
    """Entities are not expanded: these would make a thousand million words."""
    laughs = '<!DOCTYPE l [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    with pytest.raises(FormatError):
        opml.parse(f'<?xml version="1.0"?>{laughs}]><opml><body><outline text="&j;"/></body></opml>'.encode(), path="x")
