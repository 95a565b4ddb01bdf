"""Briefs in Slack, as a person asks for one: every sentence stands beside the posts that it rests on."""

from __future__ import annotations

from engine.post import Level
from tests.bot.slack.office import Office

POSTS = {"a": "Sick after <!channel> Lumen Tea, call 13912345678", "b": "Two children in hospital after Lumen Tea"}


def test_a_brief_says_why_it_rang_and_links_the_posts(office: Office) -> None:
    office.posts = office.stored(POSTS)
    office.rings(Level.ORANGE)
    office.after(minutes=1)
    ada = office.person("Ada")
    ada.types("pr", "/opinion brief 1")
    brief = ada.waits_for("pr", "Brief on incident 1 · Lumen Tea")
    office.done()
    assert brief.ephemeral
    assert brief.plain().splitlines()[1:] == [
        f"316 negative posts in the last hour (usual: 4).  [{office.posts[0]}] [{office.posts[1]}]",
        f"“Sick after <!channel> Lumen Tea, call •••” (Town Square)  [{office.posts[0]}]",
        f"“Two children in hospital after Lumen Tea” (Town Square)  [{office.posts[1]}]",
        "No language model is configured: these are the measured reasons and the posts themselves.",
    ]
    assert {(f"https://square.example/{key}", f"[{office.posts[n]}]") for n, key in enumerate("ab")} <= set(brief.links)
    assert not brief.pings
    office.clean()


def test_it_speaks_the_language_of_whoever_asks(office: Office) -> None:
    office.posts = office.stored(POSTS)
    office.rings(Level.ORANGE)
    mei = office.person("Mei")
    mei.types("gongguan", "/opinion 简报 1")
    brief = mei.waits_for("gongguan", "事件 1 简报 · Lumen Tea")
    assert "近 1 小时有 316 条负面帖子（平时 4 条）。" in brief.plain()
    assert "未配置语言模型" in brief.plain()
    office.clean()


def test_a_brief_of_no_incident_says_that_there_is_none(office: Office) -> None:
    ada = office.person("Ada")
    ada.types("pr", "/opinion brief 7")
    assert ada.waits_for("pr", lambda one: one.ephemeral and "7" in one.plain())
    office.clean()
