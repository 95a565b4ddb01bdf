"""Undo a body's compression piece by piece, and stop at a limit: a few kilobytes can hold gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # it ships no types

ACCEPTED = "gzip, deflate, br"
_PIECE = 256 * 1024


class TooLarge(Exception):  # noqa: N818 - caught where it is raised from, never shown
    """The body is longer than the limit."""


class Damaged(Exception):  # noqa: N818 - caught where it is raised from, never shown
    """The body cannot be unpacked, or ends too early."""


class _Decoder(Protocol):
    def feed(self, data: bytes) -> Iterable[bytes]: ...

    def finish(self) -> None: ...


class _Identity:
    def feed(self, data: bytes) -> Iterable[bytes]:
        yield data

    def finish(self) -> None:
        return


class _Zlib:
    """gzip (also of several members) and deflate, with or without its header."""

    def __init__(self, *, raw_allowed: bool) -> None:
        self._inflate, self._raw_allowed, self._begun = (
            zlib.decompressobj(zlib.MAX_WBITS | 32),
            raw_allowed,
            False,
        )

    def feed(self, data: bytes) -> Iterable[bytes]:
        while data:
            if self._inflate.eof:
                if not data.startswith(b"\x1f\x8b"):
                    return  # padding after the last member, which everybody ignores
                self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
            piece, data = self._inflate_piece(data)
            if piece:
                yield piece

    def _inflate_piece(self, data: bytes) -> tuple[bytes, bytes]:
        try:
            piece = self._inflate.decompress(data, _PIECE)
        except zlib.error as error:
            if self._begun or not self._raw_allowed:
                raise Damaged(str(error)) from error
            self._inflate, self._begun = zlib.decompressobj(-zlib.MAX_WBITS), True
            return b"", data
        self._begun = True
        return piece, self._inflate.unconsumed_tail or self._inflate.unused_data

    def finish(self) -> None:
        if self._begun and not self._inflate.eof:
            raise Damaged("it ends too early")


class _Brotli:
    def __init__(self) -> None:
        self._decoder, self._begun = brotli.Decompressor(), False

    def feed(self, data: bytes) -> Iterable[bytes]:
        self._begun = True
        try:
            yield self._decoder.process(data, output_buffer_limit=_PIECE)
            while not self._decoder.can_accept_more_data():
                yield self._decoder.process(b"", output_buffer_limit=_PIECE)
        except brotli.error as error:
            raise Damaged(str(error)) from error

    def finish(self) -> None:
        if self._begun and not self._decoder.is_finished():
            raise Damaged("it ends too early")


def _decoder(coding: str) -> _Decoder:
    if coding in ("gzip", "x-gzip"):
        return _Zlib(raw_allowed=False)
    if coding == "deflate":
        return _Zlib(raw_allowed=True)
    if coding == "br":
        return _Brotli()
    if coding in ("", "identity", "utf-8"):
        return _Identity()
    raise Damaged(f"{coding} is not known")


def unpack(chunks: Iterable[bytes], coding: str, *, limit: int) -> bytes:
    """The body that *chunks* hold under the content coding *coding*.

    Raises ``TooLarge`` as soon as more than *limit* bytes come out, and ``Damaged`` for a body that cannot be
    unpacked to its end.
    """
    decoder, body = _decoder(coding.strip().lower()), bytearray()
    for chunk in chunks:
        for piece in decoder.feed(chunk):
            body += piece
            if len(body) > limit:
                raise TooLarge(str(limit))
    decoder.finish()
    return bytes(body)
