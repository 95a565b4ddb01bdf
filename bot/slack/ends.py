"""Until when something shall last, as people type it: ``until 18:00``, ``tomorrow 9am``, ``今晚八点``. Pure.

An end is read without a clock, and resolved with one: in the time zone of the person who typed it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.config import durations

_DAYS = {
    "today": 0, "tonight": 0, "tomorrow": 1, "day after tomorrow": 2,
    "今天": 0, "今日": 0, "今": 0, "明天": 1, "明日": 1, "明": 1, "后天": 2, "大后天": 3,
}  # fmt: skip
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HAN_WEEKDAYS = "一二三四五六日天"
_LATE = ("afternoon", "evening", "night", "tonight", "pm", "下午", "傍晚", "晚上", "晚", "夜里")
_NIGHT = ("night", "tonight", "晚上", "晚", "夜里")
_EARLY = ("morning", "am", "早上", "早晨", "早", "上午", "凌晨")
_DAWN = 5
"""Up to this hour a time of the night belongs to the next day."""

_INTRO = re.compile(r"(?:until|till|til|up\s+to|to)\s+|直?到\s*|至\s*", re.IGNORECASE)
_DAY = re.compile(
    r"(?:the\s+)?(?P<day>today|tonight|tomorrow|day\s+after\s+tomorrow)(?![a-z])"
    r"|(?:(?P<next>next)\s+|(?:this|on|coming)\s+)?"
    r"(?P<weekday>mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|rs|rsday|urday)?(?![a-z])"
    r"|(?P<day_zh>大?后天|[今明][天日]|[今明](?=[早晚上中下凌夜]))"
    rf"|(?P<next_zh>下个?)?(?:本|这个?)?(?:周|星期|礼拜)(?P<weekday_zh>[{_HAN_WEEKDAYS}])",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?:in\s+the\s+|at\s+)?(?P<part>morning|afternoon|evening|night)(?![a-z])"
    r"|(?P<part_zh>早上|早晨|早|上午|中午|下午|傍晚|晚上|晚|夜里|凌晨)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?P<at>at\s+)?(?:(?P<named>noon|midnight)(?![a-z])"
    rf"|(?P<hour>\d{{1,2}}|{durations.NUMBER})(?:[:.](?P<minute>\d{{2}})(?!\d)"
    rf"|\s*[点時时](?:(?P<half>半)|(?P<quarters>[一三])刻|(?P<minute_zh>\d{{1,2}}|{durations.NUMBER})分?|钟|整)?)?"
    r"(?:\s*(?P<half_day>[ap])\.?m(?:\.|(?![a-z]))|\s*(?P<clock>o['’]?clock))?)",
    re.IGNORECASE,
)
_GAP = re.compile(r"[\s,的]*")
_PAUSES = ("", *",.;:!，。；：！")
_OUTRO = re.compile(r"\s*(?:之前|以前|前|为止|止)")


@dataclass(frozen=True, kw_only=True)
class TypedEnd:
    """*days* from today or a *weekday* (0 is Monday; with *week*, that of next week; with *later*, not today's), at a
    time of day: None is the team's morning. *twelve*: the hour may be that of a clock's face.
    *over*: so many days later."""

    days: int | None = None
    weekday: int | None = None
    week: bool = False
    later: bool = False
    at: time | None = None
    twelve: bool = False
    over: int = 0


def lasting(text: str) -> tuple[timedelta | TypedEnd | None, str]:
    """The span or the end at the head of *text*, None if none stands there, and what follows it."""
    wanted = text.strip()
    spanned = wanted[4:].lstrip() if wanted[:4].casefold() == "for " else wanted
    span, rest = durations.leading(spanned)
    return (span, rest.lstrip()) if span is not None else _end(wanted)


def day(text: str) -> tuple[TypedEnd | None, str]:
    """The day alone at the head of *text*, None if none stands there, and what follows it."""
    found = _DAY.match(text[: durations.LONGEST_TEXT])
    if found is None:
        return None, text
    return _named({name: word.casefold() for name, word in found.groupdict().items() if word}), text[found.end() :]


def dated(end: TypedEnd, today: date) -> date:
    """The day that *end* means on *today*."""
    return _dates(end, today)[0]


def resolved(end: TypedEnd, now: datetime, zone: tzinfo, morning: time) -> datetime | None:
    """The moment that *end* means, later than *now*, in UTC; None if all that it can mean is past.

    What a change of clocks leaves out comes an hour later; of what it brings twice, the first that is to come counts.
    """
    today, at = now.astimezone(zone).date(), end.at or morning
    times = [at]
    if end.twelve and not end.days and end.weekday is None:
        times.append(at.replace(hour=(at.hour + 12) % 24))
    days = [day + timedelta(days=end.over) for day in _dates(end, today)]
    moments = [moment for day in days for hour in times for moment in _moments(day, hour, zone)]
    return min((moment for moment in moments if moment > now), default=None)


def _dates(end: TypedEnd, today: date) -> list[date]:
    if end.weekday is None:
        return [today + timedelta(days=days) for days in ((0, 1) if end.days is None else (end.days,))]
    ahead = (end.weekday - today.weekday()) % 7
    if end.week:
        return [today + timedelta(days=7 - today.weekday() + end.weekday)]
    return [today + timedelta(days=days) for days in (ahead, 7) if days or not end.later]


def _moments(day: date, at: time, zone: tzinfo) -> Iterator[datetime]:
    for fold in (0, 1):
        written = datetime.combine(day, at, zone).replace(fold=fold)
        moment = written.astimezone(UTC)
        if not fold or moment.astimezone(zone).replace(tzinfo=None, fold=0) == written.replace(tzinfo=None, fold=0):
            yield moment


def _end(text: str) -> tuple[TypedEnd | None, str]:
    looked_at = text[: durations.LONGEST_TEXT]
    intro = _INTRO.match(looked_at)
    found, position = _words(looked_at, intro.end() if intro else 0)
    outro = _OUTRO.match(looked_at, position)
    position = outro.end() if outro else position
    told = intro or _hour(found) or position == len(text)  # a day alone may be the beginning of a sentence
    if not found or not told or not durations.ends_at(looked_at, position):
        return None, text
    end = _made(found)
    return (end, text[position:].strip()) if end else (None, text)


def _words(text: str, start: int) -> tuple[dict[str, str], int]:
    """Day, part of the day and time, in any order, each once; and where they end."""
    found: dict[str, str] = {}
    end, left = start, [_DAY, _PART, _TIME]
    while match := next((one for one in (each.match(text, start) for each in left) if one), None):
        if match.re is _TIME and not _is_time(match, text, dated=bool(found)):
            break
        left.remove(match.re)
        found |= {name: word.casefold() for name, word in match.groupdict().items() if word}
        end = match.end()
        gap = _GAP.match(text, end)
        start = gap.end() if gap else end
    return found, end


def _is_time(match: re.Match[str], text: str, *, dated: bool) -> bool:
    """A number alone is an hour only beside a day, and with nothing but a pause behind it."""
    given = {name for name, word in match.groupdict().items() if word}
    if given - {"hour", "at"} or match[0][-1:] in "点時时钟整":
        return True
    behind = text[match.end() :].lstrip()
    return bool(_DAY.match(behind) or _PART.match(behind) or (dated and ("at" in given or behind[:1] in _PAUSES)))


def _hour(found: dict[str, str]) -> bool:
    return bool(found.get("hour") or found.get("named"))


def _made(found: dict[str, str]) -> TypedEnd | None:
    named = _named(found)
    part = found.get("part") or found.get("part_zh") or ("tonight" if found.get("day") == "tonight" else "")
    if not _hour(found):
        whole_day = part in ("", *_EARLY) and (named.days or named.weekday is not None)
        return named if whole_day and part != "凌晨" else None
    told = _time(found, f"{found['half_day']}m" if found.get("half_day") else part)
    if told is None:
        return None
    at, over = told
    vague = not part and not found.get("half_day") and not found.get("minute") and 1 <= at.hour <= 12
    return replace(named, at=at, over=over, twelve=vague and not found.get("named"))


def _named(found: dict[str, str]) -> TypedEnd:
    """The day alone."""
    word = found.get("day") or found.get("day_zh")
    days = _DAYS[" ".join(word.split())] if word else None
    return TypedEnd(days=days, weekday=_weekday(found), week=bool(found.get("next_zh")), later=bool(found.get("next")))


def _weekday(found: dict[str, str]) -> int | None:
    if found.get("weekday_zh"):
        return min(_HAN_WEEKDAYS.index(found["weekday_zh"]), 6)
    return _WEEKDAYS.index(found["weekday"]) if found.get("weekday") else None


def _time(found: dict[str, str], part: str) -> tuple[time, int] | None:
    """The time of day, and how many days later than the day that was named it is."""
    if found.get("named"):
        return (time(12), 0) if found["named"] == "noon" else (time(), 1)
    hour, minute = durations.number(found["hour"]), _minute(found)
    if hour != int(hour) or hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    if part in _NIGHT and (hour < _DAWN or hour == 12):
        hour += 24 if hour < _DAWN else 12
    elif (part in _LATE and hour < 12) or (part == "中午" and hour < _DAWN):
        hour += 12
    elif part in _EARLY and hour == 12:
        hour = 0
    return time(int(hour) % 24, minute), int(hour) // 24


def _minute(found: dict[str, str]) -> int:
    if found.get("half"):
        return 30
    if found.get("quarters"):
        return 15 if found["quarters"] == "一" else 45
    return int(durations.number(found.get("minute") or found.get("minute_zh") or "0"))
