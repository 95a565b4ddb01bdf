"""Personal data out of texts that leave Tocsin. A safety net of patterns, not a promise: names stay."""

from __future__ import annotations

import re
from collections.abc import Callable

MASK = "•••"
HALF_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)} | {0x3000: 0x20}
del HALF_WIDTH[ord("，")]  # in a Chinese sentence it parts two numbers, where "," may group one

EMAIL = re.compile(r"(?<![\w.+-])[a-z0-9][\w.+-]*@(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE | re.ASCII)
URL = re.compile(r"(?:https?://|www\.)[^\s\u3000-\u9fff]+", re.IGNORECASE)
DIGITS = r"(?<![\dA-Za-z])(?<!\d[.,]){}(?![\dA-Za-z]|[.,]\d)"
CITIZEN = re.compile(DIGITS.format(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx]"))
SOCIAL_SECURITY = re.compile(DIGITS.format(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}"))
CARD = re.compile(DIGITS.format(r"[2-6]\d(?:[ -]?\d){11,17}"))
MOBILE = re.compile(DIGITS.format(r"(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}"))
LANDLINE = re.compile(DIGITS.format(r"(?:\(0\d{2,3}\) ?|0\d{2,3}[ -])\d{7,8}"))
TOLL_FREE = r"(?!\(?(?:[48]00|833|844|855|866|877|888))"  # company hotlines are evidence, not personal data
AMERICAN = re.compile(
    DIGITS.format(rf"(?:\+?1[ .-]?)?{TOLL_FREE}(?:\([2-9]\d{{2}}\) ?|[2-9]\d{{2}}[ .-])[2-9]\d{{2}}[ .-]\d{{4}}")
)
INTERNATIONAL = re.compile(r"(?<![0-9A-Za-z+])\+[1-9](?:[ ().-]{0,2}\d){7,14}(?!\d)")


def mask(text: str) -> str:
    """*text* with e-mail addresses, telephone, identity and card numbers replaced by ``•••``.

    Full-width digits are found too. Numbers inside web addresses stay, or the links would lead nowhere.
    """
    plain = text.translate(HALF_WIDTH)  # one character for one: the places stay the same
    links = [found.span() for found in URL.finditer(plain)]
    spans = [found.span() for found in EMAIL.finditer(plain)]
    for pattern, genuine in NUMBERS:
        spans += [
            found.span()
            for found in pattern.finditer(plain)
            if genuine(found.group()) and not any(start <= found.start() < end for start, end in links)
        ]
    return _replace(text, sorted(spans))


def _replace(text: str, spans: list[tuple[int, int]]) -> str:
    parts, done = [], 0
    for start, end in spans:
        if start >= done:
            parts += [text[done:start], MASK]
        done = max(done, end)
    return "".join([*parts, text[done:]])


def _luhn(number: str) -> bool:
    """The check digit of payment cards: most order numbers fail it."""
    digits = [int(char) for char in reversed(number) if char.isdigit()]
    doubled = (digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _always(number: str) -> bool:
    return True


NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (CITIZEN, _always),
    (SOCIAL_SECURITY, _always),
    (CARD, _luhn),
    (MOBILE, _always),
    (LANDLINE, _always),
    (AMERICAN, _always),
    (INTERNATIONAL, _always),
)
