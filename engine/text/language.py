"""Which language a text is written in: rules of script first, a classifier for what they leave open.

Titles are short, and Chinese posts are full of Latin brand names: statistics alone get both wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import Any

from engine.text.stopwords import ENGLISH

LINK = re.compile(r"(?:https?://|www\.)[^\s\u3000-\u9fff]+", re.IGNORECASE)
TAG = re.compile(r"[@#][A-Za-z0-9_.-]+")
GLOSS = re.compile(r"\([^()]{1,12}\)")  # Xibei (西贝)
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
SCRIPTS = (
    ("han", re.compile(r"[\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")),
    ("kana", re.compile(r"[\u3041-\u306d\u306f-\u3096\u30a1-\u30fa\u31f0-\u31ff]")),  # の adorns Chinese too
    ("ko", re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("my", re.compile(r"[\u1000-\u109f]")),
    ("km", re.compile(r"[\u1780-\u17ff]")),
    ("bo", re.compile(r"[\u0f00-\u0fff]")),
)
OWN_SCRIPT = ("ko", "th", "el", "he", "my", "km", "bo")  # languages that a script gives away

CANDIDATES = (
    "en", "es", "fr", "de", "pt", "it", "nl", "sv", "da", "no", "fi", "pl", "cs", "ro", "hu", "tr", "id",
    "vi", "tl", "ca", "ru", "uk", "bg", "sr", "kk", "ar", "fa", "ur", "hi", "bn", "ta", "te", "mr",
)  # fmt: skip
"""What the classifier may answer; with all of its languages, short titles come out as Latin or Esperanto."""

EVERYDAY = re.compile(
    r"awesome|awful|bad|congrats|disappoint\w+|disgust\w+|fail\w*|finally|good|great|happy|hate|hello|help|hey|hi"
    r"|horrible|lol|love|nice|ok|okay|omg|please|ridiculous|sad|seriously|shame|sorry|terrible|thanks?|thx"
    r"|un\w+able|useless|welcome|wow|wrong|wtf",
    re.IGNORECASE,
)
"""What people say in one word, so that a post of one word has a language."""

SHORT = 6  # words: a text in plain letters is English unless another language is clearly likelier
CLEARLY, HARDLY = 12.0, 6.0  # nats of log-likelihood, for short texts and for longer ones


def language(text: str) -> str:
    """The ISO 639-1 code of the language of *text*; "" where nothing tells: emoji, numbers, a lone name.

    Chinese is ``zh`` in either character set. Of mixed texts the language of the sentence counts, not of
    the names in it: "iPhone 17 Pro Max 来了" is Chinese.
    """
    linkless = LINK.sub(" ", text)
    bare = TAG.sub(" ", linkless)
    if not any(char.isalpha() for char in bare):  # nothing but tags
        bare = linkless.translate({ord("#"): " ", ord("@"): " "})
    return _decide(unicodedata.normalize("NFKC", bare[:4000]))


def _decide(text: str) -> str:
    scripts = Counter({name: len(pattern.findall(text)) for name, pattern in SCRIPTS})
    letters = sum(char.isalpha() for char in text)
    if scripts["kana"] * 8 >= max(scripts["han"], 1):
        scripts["ja"] = scripts["kana"] + scripts["han"]
    rivals = Counter({name: scripts[name] for name in (*OWN_SCRIPT, "ja") if scripts[name]})
    if rivals and (best := rivals.most_common(1)[0])[1] * 3 >= letters:
        return best[0]
    if scripts["han"] and _chinese(text):
        return "zh"
    return _classify(GLOSS.sub(" ", text))


def _chinese(text: str) -> bool:
    """True if the sentence is Chinese, whatever the names in it: an English one has small words."""
    glossed = GLOSS.sub(" ", text)
    outside = len(SCRIPTS[0][1].findall(glossed))
    latin = LATIN_WORD.findall(glossed)
    small = sum(2 * _small(word) or word.islower() for word in latin)
    return outside >= small if outside else not latin


def _small(word: str) -> bool:
    """True for the little words that hold an English sentence together; the A of A股 is none."""
    return word.lower() in ENGLISH and word != "A"


def _classify(text: str) -> str:
    """The likeliest of CANDIDATES for a text without a telling script."""
    found = WORD.findall(text)
    if len(found) < 2 and text.isascii():
        return "en" if any(_small(word) or EVERYDAY.fullmatch(word) for word in found) else ""
    if not found:
        return ""
    ranked = _ranked(text)
    best, score = ranked[0]
    doubt = score - dict(ranked)["en"]
    return "en" if text.isascii() and doubt < (CLEARLY if len(found) < SHORT else HARDLY) else best


def _ranked(text: str) -> list[tuple[str, float]]:
    ranked: list[tuple[str, float]] = _identifier().rank(text)
    return ranked


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(CANDIDATES)
    return identifier
