"""Bytes to text, whatever the header claims: evidence in the bytes goes before declarations."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What servers call an encoding, and the larger one that they mean.
_MEANT = {
    "gb2312": "gb18030", "gbk": "gb18030", "euc_cn": "gb18030", "hz": "hz", "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "iso8859_1": "cp1252", "latin_1": "cp1252", "ascii": "cp1252", "shift_jis": "cp932", "euc_kr": "cp949",
    "iso8859_9": "cp1254",
}  # fmt: skip
_SAMPLE = 256 * 1024  # bytes that are enough to tell an encoding
_XML_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.IGNORECASE)
_HTML_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_FOREIGN_RUN = re.compile(rb"[\x80-\xff]{4}")
_PAIR = re.compile(rb"[\x81-\xfe]([\x40-\x7e\x80-\xfe])")


def decode(body: bytes, content_type: str = "") -> str:
    """The text of *body*. Never fails: what cannot be read becomes U+FFFD.

    In this order: a byte order mark; UTF-16 without one; valid UTF-8, which no other encoding is
    by chance; what the document and then the header declare, if the bytes bear it out; a guess.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body.decode(name, errors="replace")
    if (text := _strict(body, _bare_utf16(body) or "utf-8")) is not None:
        return text
    if (text := _damaged_utf8(body)) is not None:
        return text
    for name in _declared(body, content_type):
        if _plausible(body, name) and (text := _strict(body, name)) is not None:
            return text
    return _guess(body)


def _strict(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _damaged_utf8(body: bytes) -> str | None:
    """UTF-8 with a few broken characters: what is no UTF-8 breaks at nearly every one."""
    sample = body[:_SAMPLE].decode("utf-8", errors="replace")
    broken, beyond = sample.count("\ufffd"), sum(char > "\x7f" for char in sample)
    return body.decode("utf-8", errors="replace") if broken <= 0.1 * beyond and beyond else None


def _bare_utf16(body: bytes) -> str:
    head = body[:200]
    if len(head) >= 4 and head[1::2].count(0) > len(head) * 0.4:
        return "utf-16-le"
    return "utf-16-be" if len(head) >= 4 and head[0::2].count(0) > len(head) * 0.4 else ""


def _declared(body: bytes, content_type: str) -> list[str]:
    """The encodings that the document and the header name, the document's first: it knows itself better."""
    head = body[:2048]
    found = [
        match.group(1).decode("ascii") for match in (_XML_DECLARED.search(head), _HTML_DECLARED.search(head)) if match
    ]
    if header := _HEADER.search(content_type):
        found.append(header.group(1))
    return [name for name in map(_canonical, found) if name and name not in ("utf_8", "utf_16", "utf_32")]


def _canonical(name: str) -> str:
    try:
        found = codecs.lookup(name).name.replace("-", "_")
    except LookupError:
        return ""
    return _MEANT.get(found, found)


def _plausible(body: bytes, name: str) -> bool:
    """False for a Western encoding where four letters in a row lie beyond ASCII, again and again.

    No Western language has that, and every byte is *some* letter there: decoding alone proves nothing.
    """
    return name not in ("cp1252", "cp1254", "iso8859_15") or len(_FOREIGN_RUN.findall(body, 0, _SAMPLE)) < 3


def _guess(body: bytes) -> str:
    if _FOREIGN_RUN.search(body) and (text := _chinese(body)) is not None:
        return text
    from charset_normalizer import from_bytes

    best = from_bytes(body[:_SAMPLE]).best()
    text = _strict(body, best.encoding) if best is not None else None
    return text if text is not None else body.decode("cp1252", errors="replace")


def _chinese(body: bytes) -> str | None:
    """GB 18030 or Big5: a third of Big5's second bytes lie below 0x7F, next to none of everyday GB's."""
    seconds = [pair[0] for pair in _PAIR.findall(body, 0, _SAMPLE)]
    low = sum(byte < 0x7F for byte in seconds) / max(1, len(seconds))
    order = ("big5hkscs", "gb18030") if low > 0.1 else ("gb18030", "big5hkscs")
    for name in order:
        text = _strict(body, name)
        if text is not None and _is_chinese(text):
            return text
    return None


def _is_chinese(text: str) -> bool:
    beyond = [char for char in text[:_SAMPLE] if char > "\x7f"]
    return sum("\u3000" <= char <= "\u9fff" or char >= "\uff00" for char in beyond) > 0.9 * len(beyond)
