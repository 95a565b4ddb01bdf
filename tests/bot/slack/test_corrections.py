"""“Wrong sentiment…” beside a post: from the menu through the form to the timeline, in both languages."""

from __future__ import annotations

from bot.records import ActKind
from engine.post import Level, Polarity
from tests.bot.slack.office import Office


def test_a_wrong_sentiment_is_corrected(office: Office) -> None:
    """The form says how the post was read and does not offer that; the answer and the timeline say what was noted."""
    office.posts = office.stored({"a": "The new bottle looks strange", "b": "Queue at the Lumen Tea shop"})
    incident = office.rings(Level.ORANGE)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    ada.chooses(card, "Wrong sentiment…")
    office.done()
    form = ada.waits_for_form()
    assert "reads it as negative" in form.plain()
    form.fills({"polarity": "positive"}).submits()
    office.done()
    [judged] = office.store.corrections.judged()
    assert (judged.post.id, judged.polarity, judged.by) == (office.posts[0], Polarity.POSITIVE, ada.id)
    assert any("Noted: that post is positive" in one.plain() for one in ada.reads("pr") if one.ephemeral)
    assert [act.kind for act in office.store.incidents.timeline(incident.id)].count(ActKind.CORRECT) == 1
    ada.types("pr", "/opinion incident 1")
    office.done()
    page = next(one.plain() for one in reversed(ada.reads("pr")) if one.ephemeral)
    assert "@Ada corrected the sentiment of a post: positive" in page
    office.clean()


def test_saying_it_again_changes_nothing(office: Office) -> None:
    office.posts = office.stored({"a": "The new bottle looks strange"})
    office.rings(Level.ORANGE)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    for _ in range(2):
        ada.chooses(card, "Wrong sentiment…")
        office.done()
        ada.waits_for_form().fills({"polarity": "neutral"}).submits()
        office.done()
    assert len(office.store.corrections.judged()) == 1
    assert any("You have said so already" in one.plain() for one in ada.reads("pr") if one.ephemeral)
    office.clean()


def test_it_is_asked_in_chinese(office: Office) -> None:
    office.posts = office.stored({"a": "露明茶新品排队两小时"})
    office.rings(Level.ORANGE)
    mei = office.person("Mei")
    [card] = mei.reads("pr")
    mei.chooses(card, "Wrong sentiment…")  # the card speaks its channel's language, the form its reader's
    office.done()
    form = mei.waits_for_form()
    assert "情感判断有误" in form.plain()
    assert "判为负面" in form.plain()
    form.fills({"polarity": "neutral"}).submits()
    office.done()
    assert any("已记录：该帖文为中性" in one.plain() for one in mei.reads("pr") if one.ephemeral)
    office.clean()
