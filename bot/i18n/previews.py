"""What a query would bring, in words: how many posts, by which words, and where its name may mean another thing. Pure.

The sentences are plain text: who shows them in Slack escapes what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.i18n.queries import query_remark
from bot.i18n.speech import Speech
from engine.post import Note
from engine.preview.namesakes import Namesake
from engine.preview.preview import QueryPreview

MOST_WORDS = 8
Plain = Callable[[str], str]


def preview_head(found: QueryPreview, days: int, speech: Speech, *, capped: bool = False) -> Iterator[str]:
    """How many posts match, and whether that is too much or too little to tell anything."""
    if not found.total:
        yield speech.say("preview.empty")
        return
    if not found.matched:
        yield speech.say("preview.nothing", total=found.total, days=days)
    else:
        share = percent(found.share)
        yield speech.say("preview.matched", n=found.matched, total=found.total, days=days, share=share)
    if found.everything:
        yield speech.say("preview.everything", share=percent(found.share))
    if capped:
        yield speech.say("preview.capped", total=found.total)


def preview_words(found: QueryPreview, speech: Speech, shown: Plain = str) -> Iterator[str]:
    """What each word brings, and what each exclusion takes away."""
    for word in found.words[:MOST_WORDS]:
        if not word.alone:
            key = "preview.without_idle" if word.excludes else "preview.word_idle"
        else:
            key = "preview.without" if word.excludes else "preview.word"
        yield speech.say(key, word=shown(word.word), posts=word.posts, n=word.alone)


def preview_doubts(found: QueryPreview, remarks: tuple[Note, ...], speech: Speech, shown: Plain = str) -> Iterator[str]:
    """Where a name may mean another thing, and what the author may have meant otherwise."""
    yield from (_namesake(each, speech, shown) for each in found.namesakes)
    named = {each.word for each in found.namesakes}
    for note in remarks:
        if note.text("word") not in named:
            yield shown(query_remark(note, speech))


def percent(share: float) -> str:
    """A share in percent, as people say it: ``12``, ``0.4``."""
    points = share * 100
    return f"{points:.0f}" if points >= 1 or not points else f"{max(points, 0.1):.1f}"


def _namesake(each: Namesake, speech: Speech, shown: Plain) -> str:
    beside = speech.say("query.match.joint").join(shown(word) for word in each.beside)
    word = shown(each.word)
    told = speech.say("preview.namesake", word=word, n=each.posts, of=each.looked_at, beside=beside)
    return f"{told} {speech.say('preview.instead', instead=shown(each.instead))}" if each.instead else told
