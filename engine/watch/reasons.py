"""The sentences that say why: one for each signal and each honest remark, in English and in Chinese.

They hold numbers, never a stranger's text. Where little or nothing is usual the counts themselves are said,
never a multiple: three hundred times nearly nothing means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.post import Level, SourceHealth
from engine.trend import Burn, Burst, Drop, Surge
from engine.watch.baseline import Restart, Why

Sentence = Mapping[str, str]

RISK_NAMES: Mapping[str, tuple[str, str]] = {
    "injury": ("deaths or injuries", "伤亡"),
    "accident": ("an accident", "事故"),
    "disaster": ("a disaster", "灾害"),
    "violence": ("violence", "暴力"),
    "health": ("a danger to health", "健康与卫生隐患"),
    "product": ("product faults", "产品质量问题"),
    "service": ("poor service", "服务问题"),
    "data": ("data or privacy", "数据与隐私问题"),
    "legal": ("courts or regulators", "法律或监管问题"),
    "finance": ("financial trouble", "财务问题"),
    "labour": ("labour trouble", "劳资问题"),
    "conduct": ("misconduct", "不当言行"),
    "boycott": ("a boycott", "抵制"),
    "rumour": ("rumours", "谣言"),
}

LEVEL_NAMES: Mapping[Level, tuple[str, str]] = {
    Level.BLUE: ("blue", "蓝色"),
    Level.YELLOW: ("yellow", "黄色"),
    Level.ORANGE: ("orange", "橙色"),
    Level.RED: ("red", "红色"),
}

MULTIPLES_FROM = 10.0
"""Fewer posts than this in a window are too few for a multiple to mean anything."""

MULTIPLES_DAYS, MULTIPLES_SHARE = 3, 2 / 3
"""Fewer days of traffic than this, or a smaller share of the days watched, are no habit to take a multiple of: the
counts themselves are said."""


def number(value: float) -> str:
    """A count for people: whole, or with one decimal below ten where it has one."""
    if value >= 10 or abs(value - round(value)) < 0.05:
        return f"{round(value):,}"
    return f"{value:.1f}"


def percent(share: float) -> str:
    return f"{100 * share:.0f}"


def span(length: timedelta) -> tuple[str, str]:
    """A length of time in both languages: minutes below an hour, hours from there."""
    minutes = round(length / timedelta(minutes=1))
    if minutes < 60:
        return f"{minutes} minutes", f"{minutes} 分钟"
    hours = number(minutes / 60)
    return ("hour", "1 小时") if hours == "1" else (f"{hours} hours", f"{hours} 小时")


def days_before(days: float) -> tuple[str, str]:
    count = max(round(days), 1)
    return ("the day before", "前一天") if count == 1 else (f"the {count} days before", f"此前 {count} 天")


def surge(found: Surge, *, negative: bool) -> Sentence:
    """Many posts, or many negative ones, in a window."""
    en_span, zh_span = span(found.window.length)
    en_days, zh_days = days_before(found.days)
    kind, zh_kind = _posts(found.value, negative=negative)
    value, highest = number(found.value), number(found.highest)
    if found.usual < MULTIPLES_FROM or found.busy < max(MULTIPLES_DAYS, MULTIPLES_SHARE * found.days):
        before = number(found.before) if found.before else "none"
        zh_before = f"共 {number(found.before)} 条" if found.before else "没有"
        return {
            "en": f"{value} {kind} in the last {en_span}; {before} in {en_days}.",
            "zh": f"过去 {zh_span}有 {value} 条{zh_kind}，{zh_days}{zh_before}。",
        }
    usual, times = number(found.usual), f"{found.value / found.usual:.1f}"
    return {
        "en": f"{value} {kind} in the last {en_span}, {times} times the usual {usual}; "
        f"the most at this hour in {en_days} was {highest}.",
        "zh": f"过去 {zh_span}有 {value} 条{zh_kind}，是平时（{usual} 条）的 {times} 倍；"
        f"{zh_days}同一时段最多 {highest} 条。",
    }


def burst(found: Burst) -> Sentence:
    """Several speak against the topic on one matter, at once."""
    en_span, zh_span = span(found.length)
    value, usual = number(found.value), f"{found.usual:.1f}"
    return {
        "en": f"{value} negative posts by different people or outlets on one story in the last {en_span}; "
        f"about {usual} are usual.",
        "zh": f"过去 {zh_span}有 {value} 个不同账号或媒体就同一事件发出负面帖子，平时约 {usual} 条。",
    }


def _posts(count: float, *, negative: bool) -> tuple[str, str]:
    noun = "post" if round(count) == 1 else "posts"
    return (f"negative {noun}", "负面帖子") if negative else (noun, "帖子")


def share(value: float, usual: float, posts: float, length: timedelta) -> Sentence:
    """A larger part of the posts is negative than usual."""
    en_span, zh_span = span(length)
    return {
        "en": f"{percent(value)}% of the {number(posts)} posts of the last {en_span} are negative; "
        f"{percent(usual)}% is usual.",
        "zh": f"过去 {zh_span}的 {number(posts)} 条帖子中 {percent(value)}% 为负面，平时为 {percent(usual)}%。",
    }


def slow_burn(found: Burn) -> Sentence:
    """A little more than usual, for days."""
    value, usual = number(round(found.value)), number(round(found.usual))
    return {
        "en": f"About {value} negative posts a day for {found.days} days, where {usual} are usual: a slow burn.",
        "zh": f"连续 {found.days} 天每天约 {value} 条负面帖子，平时约 {usual} 条：在持续发酵。",
    }


def drop(found: Drop) -> Sentence:
    """Far fewer posts than usual."""
    usual, zh_value = number(found.usual), f"只有 {number(found.value)} 条" if found.value else "没有"
    value = "No post" if not found.value else "1 post" if found.value == 1 else f"{number(found.value)} posts"
    return {
        "en": f"{value} in the last 6 hours, where {usual} are usual at this hour.",
        "zh": f"过去 6 小时{zh_value}帖子，平时这个时段约 {usual} 条。",
    }


def spread(sources: int, copies: int) -> Sentence:
    """One story is told in many places."""
    places = "1 source" if sources == 1 else f"{sources} sources"
    if copies == 0:
        return {"en": f"One story is told by {places}.", "zh": f"同一事件出现在 {sources} 个来源。"}
    times = "once" if copies == 1 else f"{copies} times"
    return {
        "en": f"One story is told by {places} and was copied {times} by others.",
        "zh": f"同一事件出现在 {sources} 个来源，被他人转载 {copies} 次。",
    }


def growth(hours: float, posts: int) -> Sentence:
    """One story doubles quickly."""
    if hours < 1:
        every, zh_every = f"{max(round(60 * hours), 1)} minutes", f"{max(round(60 * hours), 1)} 分钟"
    else:
        every, zh_every = span(timedelta(hours=hours))
    return {
        "en": f"One story doubles every {every}: {number(posts)} posts in the last day.",
        "zh": f"同一事件的帖子每 {zh_every}翻一番，过去一天已有 {number(posts)} 条。",
    }


def gravity(risk: str, posts: int, usual: float | None) -> Sentence:
    """Posts speak of something grave; *usual* is how many sure reports a day brings, None if unknown."""
    en_risk, zh_risk = RISK_NAMES[risk]
    subject = "1 post of the last day speaks" if posts == 1 else f"{posts} posts of the last day speak"
    en_usual, zh_usual = _a_day(usual)
    return {
        "en": f"{subject} of {en_risk}{en_usual}.",
        "zh": f"过去一天有 {posts} 条帖子涉及{zh_risk}{zh_usual}。",
    }


def _a_day(usual: float | None) -> tuple[str, str]:
    if usual is None:
        return "", ""
    if usual < 0.05:
        return "; none is usual", "，平时没有"
    return f"; about {number(usual)} a day is usual", f"，平时每天约 {number(usual)} 条"


def board(titles: int, negative: int, before: int, days: float) -> Sentence:
    """Titles on hot-search boards; *before* of them in the *days* before (0 days: not watched then)."""
    noun, of_them = ("title", "it is") if titles == 1 else ("titles", f"{negative} of them")
    tone = f", {of_them} negative" if titles > 1 or negative else ""
    zh_tone = f"，其中 {negative} 条为负面" if titles > 1 else ("，为负面" if negative else "")
    en_days, zh_days = days_before(days)
    history = f"; {before or 'none'} in {en_days}" if days >= 1 else ""
    zh_history = f"；{zh_days}{f'共 {before} 条' if before else '没有'}" if days >= 1 else ""
    return {
        "en": f"{titles} {noun} on hot-search boards in the last 24 hours{tone}{history}.",
        "zh": f"过去 24 小时有 {titles} 条登上热搜榜{zh_tone}{zh_history}。",
    }


def no_baseline(watched: timedelta) -> Sentence:
    """The topic has not been watched for long enough."""
    hours = max(watched / timedelta(hours=1), 0.0)
    since, zh_since = span(timedelta(hours=max(round(hours), 1)))
    since = "1 hour" if since == "hour" else since
    return {
        "en": f"No baseline yet: watched for {since}, and 3 days are needed. Grave facts and hot-search "
        "titles ring all the same.",
        "zh": f"尚无基线：刚监测 {zh_since}，满 3 天才有基线；严重事实与热搜仍会报警。",
    }


def new_baseline(restart: Restart) -> Sentence:
    """The counts of before cannot be compared with those of now."""
    days = max(round(restart.silent / timedelta(days=1)), 1)
    en_why, zh_why = {
        Why.QUERY: ("the query was changed", "查询条件已更改"),
        Why.SILENCE: (
            f"nothing was heard for {days} days before" if restart.silent else "nothing was heard for weeks before",
            f"此前 {days} 天没有任何帖子" if restart.silent else "此前数周没有任何帖子",
        ),
        Why.CLOCK: ("the clock had run ahead", "时钟曾经跳快"),
    }[restart.why]
    at = f"{restart.since:%Y-%m-%d %H:%M} UTC"
    return {
        "en": f"New baseline since {at}: {en_why}, and 3 days are needed. Grave facts and hot-search titles ring "
        "all the same.",
        "zh": f"自 {at} 起重建基线：{zh_why}，满 3 天才有基线；严重事实与热搜仍会报警。",
    }


def recounted(at: datetime) -> Sentence:
    """The query was changed, and the stored posts that it catches were counted."""
    return {
        "en": f"New baseline: the query was changed on {at:%Y-%m-%d %H:%M} UTC, the stored posts were counted anew.",
        "zh": f"基线已更新：查询条件于 {at:%Y-%m-%d %H:%M} UTC 更改，已按存量帖子重新计数。",
    }


def stale(health: SourceHealth) -> Sentence:
    """Sources have fallen silent."""
    names = ", ".join(health.silent[:5]) + (" …" if len(health.silent) > 5 else "")
    zh_names = "、".join(health.silent[:5]) + ("……" if len(health.silent) > 5 else "")
    count, verb = len(health.silent), "is" if len(health.silent) == 1 else "are"
    return {
        "en": f"{count} of {health.total} sources {verb} silent or failing: {names}.",
        "zh": f"{health.total} 个来源中有 {count} 个中断或失效：{zh_names}。",
    }


def late(posts: int) -> Sentence:
    """Posts came long after they were written."""
    verb = "1 post arrived" if posts == 1 else f"{posts} posts arrived"
    return {
        "en": f"{verb} more than 6 hours late in the last day, counted at the time of writing.",
        "zh": f"过去一天有 {posts} 条帖子迟到超过 6 小时，按发布时间计入。",
    }


def silence(usual: float) -> Sentence:
    """No posts where many are usual."""
    return {
        "en": f"No post for 6 hours, where {number(usual)} are usual at this hour: silence is not calm.",
        "zh": f"已有 6 小时没有帖子，平时这个时段约 {number(usual)} 条：沉默不等于平静。",
    }


def held(level: Level, score: float, *, frozen: bool) -> Sentence:
    """The level is still that of an earlier, higher score; *frozen* because sources are missing."""
    en_level, zh_level = LEVEL_NAMES[level]
    if frozen:
        return {
            "en": f"The level stays {en_level}: it is not lowered while sources that carried it are missing.",
            "zh": f"级别保持{zh_level}：相关来源中断期间不予下调。",
        }
    return {
        "en": f"The level stays {en_level} for a while: the score has fallen to {score:.0f}.",
        "zh": f"级别暂时保持{zh_level}：当前得分已降至 {score:.0f}。",
    }
