"""“Wrong sentiment…” beside a post: from the menu through the form to the timeline, in both languages."""

from __future__ import annotations

from bot.incidents.lifecycle import ActRequest
from bot.records import ActKind
from bot.sandbox import Person, SeenMessage
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
    """The form offers what was said no more, and says who said it; sent twice, it counts once."""
    office.posts = office.stored({"a": "The new bottle looks strange"})
    incident = office.rings(Level.ORANGE)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    corrects(office, ada, card, "neutral")
    ada.chooses(card, "Wrong sentiment…")
    office.done()
    form = ada.waits_for_form().plain()
    assert "@Ada says that it is neutral" in form
    request = ActRequest(kind=ActKind.CORRECT, by=ada.id, key="again")
    assert not office.desk.posts.correct(incident.id, office.posts[0], Polarity.NEUTRAL, request)
    assert len(office.store.corrections.judged()) == 1
    assert [act.kind for act in office.store.incidents.timeline(incident.id)].count(ActKind.CORRECT) == 1
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
    assert any("已更正：该帖子为中性" in one.plain() for one in mei.reads("pr") if one.ephemeral)
    office.clean()


def corrects(office: Office, ada: Person, message: SeenMessage, choice: str) -> None:
    """*ada* fills the form of the first post of *message*."""
    ada.chooses(message, "Wrong sentiment…")
    office.done()
    ada.waits_for_form().fills({"polarity": choice}).submits()
    office.done()


def answered(office: Office, ada: Person, command: str) -> SeenMessage:
    ada.types("pr", command)
    office.done()
    return next(one for one in reversed(ada.reads("pr")) if one.ephemeral)


def test_mark_counts_and_score_follow_at_once(office: Office) -> None:
    """The card is drawn again with who said so; what is asked afterwards counts by it."""
    office.posts = office.stored({"a": "The new bottle looks strange", "b": "Queue at the Lumen Tea shop"})
    office.rings(Level.ORANGE)
    ada = office.person("Ada")
    before = office.desk.topic("Lumen Tea")
    [card] = ada.reads("pr")
    corrects(office, ada, card, "positive")
    [card] = [one for one in ada.reads("pr") if not one.ephemeral and not one.thread]
    assert "▲ positive · corrected by @Ada" in card.plain()
    assert "▼ negative" in card.plain()
    after = office.desk.topic("Lumen Tea")
    assert (before.negative, after.negative, after.volume) == (2, 1, 2)
    assert after.score < before.score
    office.clean()


def test_what_is_not_about_us_counts_nowhere_until_somebody_says_what_it_says(office: Office) -> None:
    office.posts = office.stored({"a": "The new bottle looks strange", "b": "Queue at the Lumen Tea shop"})
    incident = office.rings(Level.ORANGE)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    corrects(office, ada, card, "not about us")
    [card] = [one for one in ada.reads("pr") if not one.ephemeral and not one.thread]
    assert "strange" not in card.plain()
    assert office.store.incidents.find(incident.id).evidence == office.posts[1:]  # type: ignore[union-attr]
    assert (office.desk.topic("Lumen Tea").negative, office.desk.topic("Lumen Tea").volume) == (1, 1)
    assert "strange" not in answered(office, ada, "/opinion topic Lumen Tea").plain()
    assert "strange" not in answered(office, ada, "/opinion brief 1").plain()
    page = answered(office, ada, "/opinion incident 1")
    assert "@Ada marked a post “not about us”" in page.plain()
    assert "Taken out as “not about us”" in page.plain()
    assert "strange" in page.plain()
    assert office.store.corrections.judged() == []
    answer = next(one for one in ada.reads("pr") if one.ephemeral and "counts nowhere any more" in one.plain())
    corrects(office, ada, answer, "negative")
    assert (office.desk.topic("Lumen Tea").negative, office.desk.topic("Lumen Tea").volume) == (2, 2)
    assert "strange" in answered(office, ada, "/opinion topic Lumen Tea").plain()
    assert "Taken out" not in answered(office, ada, "/opinion incident 1").plain()
    office.clean()


def test_not_about_us_is_said_in_chinese(office: Office) -> None:
    office.posts = office.stored({"a": "露明茶新品排队两小时", "b": "瓶子不错"})
    office.rings(Level.ORANGE)
    mei = office.person("Mei")
    [card] = mei.reads("pr")
    corrects_in_chinese = "与我们无关"
    mei.chooses(card, "Wrong sentiment…")
    office.done()
    mei.waits_for_form().fills({"polarity": corrects_in_chinese}).submits()
    office.done()
    assert any("该帖子不再计入任何数字" in one.plain() for one in mei.reads("pr") if one.ephemeral)
    mei.types("pr", "/opinion 事件 1")
    office.done()
    page = next(one.plain() for one in reversed(mei.reads("pr")) if one.ephemeral)
    assert "@Mei 将一条帖子标注为“与我们无关”" in page
    assert "已剔除：与我们无关" in page
    office.clean()


def test_the_loudest_posts_of_an_incident_are_its_evidence(office: Office) -> None:
    """Not those with the widest reach of the day."""
    office.stored({f"w{n}": f"Widely seen remark {n} about something else" for n in range(20)}, reach=9_000_000)
    office.posts = office.stored({"a": "The new bottle looks strange"})
    office.rings(Level.ORANGE)
    ada = office.person("Ada")
    topic = answered(office, ada, "/opinion topic Lumen Tea").plain().split("Loudest posts")[1]
    assert topic.index("The new bottle looks strange") < topic.index("Widely seen remark")
    assert "The new bottle looks strange" in answered(office, ada, "/opinion brief 1").plain()
    office.clean()


def test_a_brief_tells_of_a_post_of_the_second_in_which_it_is_asked_for(office: Office) -> None:
    office.stored({"a": "The new bottle looks strange"})
    office.rings(Level.ORANGE)
    assert "The new bottle looks strange" in answered(office, office.person("Ada"), "/opinion brief 1").plain()
    office.clean()
