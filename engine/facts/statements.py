"""What an organisation is said to have said or taken back, and what it says in posts of its own.

>>> from engine.facts.lexicon import subject
>>> said_of("Saltfern apologises and recalls its children's cup", subject(("Saltfern",)), all_kinds=True)
['apology', 'recall']
>>> said_of("Saltfern must apologise", subject(("Saltfern",)), all_kinds=True)
[]
"""

from __future__ import annotations

from engine.facts.lexicon import STATEMENTS, Subject, wordings
from engine.post import Post

_ASKS = "?"
_TAIL = 3  # characters after the words, where an asking particle would stand


def is_own(post: Post, subject: Subject) -> bool:
    """True if *post* is the organisation's own, by its author or source."""
    return any(subject.account.fullmatch(name.strip()) for name in (post.author, post.source) if name)


def said_of(sentence: str, subject: Subject, *, all_kinds: bool) -> list[str]:
    """What *sentence* says the organisation has done, as the subject of it.

    Without *all_kinds* only what leaves no doubt: that it "responded" is said of many a chat with customers.
    """
    if sentence.endswith(_ASKS):
        return []
    found = []
    for wording, patterns in zip(wordings(), subject.statements, strict=True):
        never = wording.never["statements"]
        for what in STATEMENTS:
            said = patterns[what].search(sentence) if all_kinds or what != "statement" else None
            if said and not never.search(sentence[: said.end() + _TAIL]):
                found.append(what)
    return sorted(set(found), key=STATEMENTS.index)


def own_words(sentence: str) -> list[str]:
    """What the organisation does in a *sentence* of its own."""
    found = {what for wording in wordings() for what in STATEMENTS if wording.own[what].search(sentence)}
    return sorted(found, key=STATEMENTS.index)
