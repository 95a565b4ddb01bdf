"""Bytes become the right text, whatever the header claims."""

from __future__ import annotations

import codecs

import pytest

from bot.ingest.fetch.charset import decode

CHINESE = "某品牌回应门店食品安全事件：已暂停涉事门店营业，配合监管部门调查，向消费者致歉。"
TRADITIONAL = "某品牌回應門市食品安全事件：已暫停涉事門市營業，配合主管機關調查，向消費者致歉。"
FRENCH = "Le café de l’hôtel a été fermé après le contrôle — « très grave »"
RUSSIAN = "Компания отозвала продукцию после жалоб покупателей и проверки надзора"


def rss(text: str, declared: str = "") -> str:
    return f'<?xml version="1.0"{declared}?><rss><channel><item><title>{text}</title></item></channel></rss>'


@pytest.mark.parametrize(
    ("text", "encoding", "header"),
    [
        (CHINESE, "utf-8", ""),
        (CHINESE, "utf-8", "text/xml; charset=iso-8859-1"),
        (CHINESE, "gb18030", "text/xml; charset=gb2312"),
        (CHINESE, "gb18030", "text/xml; charset=windows-1252"),
        (CHINESE, "gb18030", "text/xml; charset=utf-8"),
        (CHINESE, "gb18030", ""),
        (TRADITIONAL, "big5", "text/xml; charset=Big5"),
        (TRADITIONAL, "big5", "text/xml; charset=utf-8"),
        (TRADITIONAL, "big5", "text/xml; charset=iso-8859-1"),
        (TRADITIONAL, "big5", ""),
        (FRENCH, "cp1252", "text/xml; charset=iso-8859-1"),
        (FRENCH, "cp1252", "text/xml; charset=utf-8"),
        (RUSSIAN, "cp1251", "text/xml; charset=windows-1251"),
        (CHINESE, "utf-16-le", ""),
        (CHINESE, "utf-16-be", "text/xml"),
    ],
)
def test_the_text_is_found_under_a_right_wrong_or_missing_header(text: str, encoding: str, header: str) -> None:
    """Chinese, French and Russian bytes are read as what they are."""
    assert text in decode(rss(text).encode(encoding), header)


@pytest.mark.parametrize(
    ("text", "encoding", "declared"),
    [
        (CHINESE, "gb18030", "gb2312"), (CHINESE, "gb18030", "GBK"), (TRADITIONAL, "big5", "Big5"),
        (RUSSIAN, "koi8-r", "koi8-r"), (FRENCH, "cp1252", "ISO-8859-1"), (CHINESE, "utf-8", "gb2312"),
    ],
)  # fmt: skip
def test_the_document_knows_better_than_the_header(text: str, encoding: str, declared: str) -> None:
    """An XML declaration that the bytes bear out goes before a wrong header."""
    body = rss(text, f' encoding="{declared}"').encode(encoding)
    assert text in decode(body, "text/xml; charset=windows-1252" if encoding != "cp1252" else "charset=gbk")


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_wins(mark: bytes, encoding: str) -> None:
    """And is gone from the text."""
    assert decode(mark + CHINESE.encode(encoding), "text/xml; charset=big5") == CHINESE


@pytest.mark.parametrize("body", [b"", b"\xff", b"\x81\x8d\x8f", bytes(range(256)) * 3, b"\x00" * 50])
def test_nothing_is_undecodable(body: bytes) -> None:
    """Noise becomes some text, never an exception."""
    assert isinstance(decode(body, "charset=no-such-thing"), str)


def test_one_broken_byte_spoils_no_document() -> None:
    """UTF-8 with a damaged character stays readable around it."""
    body = CHINESE.encode()[:30] + b"\xff" + CHINESE.encode()[30:]
    assert CHINESE[:10] in decode(body, "text/xml; charset=utf-8")
