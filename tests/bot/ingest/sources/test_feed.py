"""Feeds of every dialect, and what is no feed."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.ingest.sources import FetchedItems, FormatError, feed
from bot.ingest.sources.batch import Payload
from tests.bot.english import english

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SEVEN = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)

RSS2 = """<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Wire</title>
<item><guid isPermaLink="false">id-1</guid><title>Recall of milk</title><link>https://wire.example/1</link>
<pubDate>Mon, 02 Mar 2026 07:00:00 GMT</pubDate><dc:creator>Li Wei</dc:creator>
<description>Short.</description>
<content:encoded><![CDATA[<p>Parents complain.</p><p>A recall began.</p>]]></content:encoded>
</item></channel></rss>"""
RSS1 = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="x"><title>t</title></channel>
<item rdf:about="https://wire.example/1"><title>Recall of milk</title><link>https://wire.example/1</link>
<description>Parents complain.</description><dc:date>2026-03-02T07:00:00Z</dc:date></item></rdf:RDF>"""
RSS091 = """<rss version="0.91"><channel><item><title>Recall of milk</title><link>https://wire.example/1</link>
<description>Parents complain.</description></item></channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:wire,1</id>
<title type="html">Recall &lt;b&gt;of&lt;/b&gt; milk</title><link href="https://wire.example/1"/>
<updated>2026-03-02T07:30:00Z</updated><published>2026-03-02T07:00:00Z</published>
<author><name>Li Wei</name></author>
<summary>Parents complain.</summary></entry></feed>"""
JSON = """{"version":"https://jsonfeed.org/version/1.1","items":[
{"id":1,"url":"https://wire.example/1","title":"Recall of milk",
"content_html":"<p>Parents complain.</p>","date_published":"2026-03-02T07:00:00Z",
"authors":[{"name":"Li Wei"}],"language":"en-US"}]}"""


@pytest.fixture
def parse(source: Any) -> Any:
    def run(body: str | bytes, content_type: str = "text/xml", **options: Any) -> FetchedItems:
        data = body.encode() if isinstance(body, str) else body
        answer = Payload(body=data, content_type=content_type, url="https://wire.example/rss", place="wire.example")
        return feed.parse(source(options=options), answer, NOW)

    return run


@pytest.mark.parametrize("body", [RSS2, RSS1, ATOM, JSON])
def test_every_dialect_says_the_same(parse: Any, body: str) -> None:
    """Title, address, time and text come out alike, without markup."""
    (item,) = parse(body).items
    assert (item.title, item.url, item.published) == ("Recall of milk", "https://wire.example/1", SEVEN)
    assert item.text.startswith("Parents complain.")


def test_the_fullest_text_author_and_id_are_taken(parse: Any) -> None:
    (item,) = parse(RSS2).items
    assert (item.text, item.author, item.external_id) == ("Parents complain.\nA recall began.", "Li Wei", "id-1")


def test_an_item_without_id_or_date(parse: Any) -> None:
    """RSS 0.91 has neither: the address is the id, and no date is made up."""
    (item,) = parse(RSS091).items
    assert (item.external_id, item.published) == ("https://wire.example/1", None)


def test_the_zone_of_the_source_counts_for_dates_without_one(parse: Any) -> None:
    body = RSS2.replace("Mon, 02 Mar 2026 07:00:00 GMT", "2026-03-02 15:00:00")
    assert parse(body, timezone="Asia/Shanghai").items[0].published == SEVEN


def test_a_gbk_feed_with_a_wrong_header(parse: Any) -> None:
    body = RSS2.replace("Recall of milk", "某品牌召回奶粉，家长投诉").replace('"1.0"?', '"1.0" encoding="gb2312"?')
    (item,) = parse(body.encode("gb18030"), "text/xml; charset=windows-1252").items
    assert item.title == "某品牌召回奶粉，家长投诉"


def test_control_characters_and_loose_ampersands_are_forgiven(parse: Any) -> None:
    body = RSS2.replace("Recall of milk", "A\x0b & B \x00 recall").encode()
    (item,) = parse(b"\xef\xbb\xbf  \n" + body).items
    assert item.title == "A & B recall"


def test_one_id_for_all_items_hides_none(parse: Any) -> None:
    """A feed that gives its front page as every id still brings every item, each under the same id each time."""
    items = "".join(f"<item><guid>https://wire.example/</guid><title>News {n}</title></item>" for n in range(3))
    first, again = (parse(f"<rss><channel>{items}</channel></rss>").items for _ in range(2))
    assert len({item.external_id for item in first}) == 3
    assert first == again


def test_a_feed_that_breaks_off_gives_what_it_has(parse: Any) -> None:
    """And is not called whole, so that the next poll asks for everything."""
    batch = parse(RSS2[: RSS2.index("</channel>")] + "<item><title>Half")
    assert batch.items[0].external_id == "id-1"
    assert not batch.whole
    assert parse(RSS2).whole


def test_empty_items_are_left_out_and_counted(parse: Any) -> None:
    batch = parse(RSS2.replace("</channel>", "<item><guid>2</guid></item></channel>"))
    assert len(batch.items) == 1
    assert english(batch.note).startswith("1 of 2 items could not be read")


def test_a_feed_without_items_is_no_fault(parse: Any) -> None:
    assert parse("<rss><channel><title>quiet</title></channel></rss>").items == ()


def test_a_dangerous_address_does_not_come_further(parse: Any) -> None:
    """``javascript:`` is no address of a post."""
    assert parse(RSS2.replace("<link>https://wire.example/1", "<link>javascript:alert(1)")).items[0].url == ""


PAGE = "<!DOCTYPE html><html><head><title>Log in</title>{head}</head><body>rss feed here</body></html>"


def test_a_web_page_is_told_from_a_feed(parse: Any) -> None:
    with pytest.raises(FormatError, match=r"wire\.example answered with a web page instead of a feed"):
        parse(PAGE.format(head=""), "application/rss+xml")


def test_a_web_page_that_names_its_feed_is_a_hint(parse: Any) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/feed?a=1&amp;b=2">'
    with pytest.raises(FormatError, match=r"tocsin\.yaml: https://wire\.example/feed\?a=1&b=2$"):
        parse(PAGE.format(head=link))


@pytest.mark.parametrize(
    "body", ["plain words", "<xml/>", "\x00\x01\x02", "/etc/passwd", '{"items": 3}', "[1, 2]", "%PDF-1.4"]
)
def test_what_is_no_feed_is_said(parse: Any, body: str) -> None:
    with pytest.raises(FormatError, match="neither RSS, Atom nor JSON Feed"):
        parse(body)


def test_broken_json_is_said_with_its_place(parse: Any) -> None:
    with pytest.raises(FormatError, match=r"not JSON \(expecting.* at line 1, column 12\)"):
        parse('{"version":')


def test_a_broken_feed_is_said_with_its_place(parse: Any) -> None:
    with pytest.raises(FormatError, match=r"The feed of wire\.example is broken \(line 2:"):
        parse("<rss>\n<channel><item><</rss>")


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 or str()};" * 10}">' for n in range(1, 10))
    + "]><rss><channel><item><title>ha &lol9;</title></item></channel></rss>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<rss><channel><item><title>ha &x;</title></item></channel></rss>"
)


@pytest.mark.parametrize("body", [LAUGHS, OUTSIDE, LAUGHS.replace("lol9;", "lol2;")])
def test_entities_are_not_expanded(parse: Any, body: str) -> None:
    """A billion laughs are never laughed, and no file is read."""
    try:
        text = " ".join(item.title for item in parse(body).items)
    except FormatError as error:
        text = str(error)
    assert len(text) < 1000
    assert "root:" not in text


def test_deep_nesting_is_survived(parse: Any) -> None:
    for body in ("<rss><channel><item><title>x</title>" + "<a>" * 5_000, "[" * 200_000, '{"items":' + "[" * 200_000):
        with contextlib.suppress(FormatError):
            assert len(parse(body).items) == 1


def test_a_feed_of_nothing_but_tags_is_not_begun(parse: Any) -> None:
    with pytest.raises(FormatError, match="more than 300,000 tags"):
        parse("<rss>" + "<a>" * 400_000)
