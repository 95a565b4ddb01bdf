"""The whole record of an incident as a Markdown document, in the reader's language. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.desk.views.export import IncidentExport
from bot.desk.views.view_models import IncidentView, ShownPost
from bot.i18n.speech import Speech
from bot.records import TOCSIN, Act, ActKind, Incident, ToldAlert
from bot.slack.exports.markdown import MarkdownWriter
from bot.slack.render import fact_lines, parts
from bot.slack.render.answers import timeline_line
from bot.slack.render.cards import standing
from bot.slack.render.escape import plain, quoted
from bot.slack.render.sentence import sentence, title
from engine.post import Fact
from engine.text.masking import mask

LEVELS = (
    ActKind.OPENED, ActKind.RAISED, ActKind.LOWERED, ActKind.SET_LEVEL, ActKind.EXPIRED, ActKind.REOPENED,
    ActKind.REOPEN,
)  # fmt: skip
LONGEST = 3000
"""Characters of a post, or of a reason."""


def document(export: IncidentExport, speech: Speech, *, names: Mapping[str, str]) -> str:
    """All that is known of an incident. *names* says how people and channels are called, by Slack id."""
    view = export.view
    write = MarkdownWriter(names={**view.names, **names}, zone=ZoneInfo(view.incident.policy.timezone))
    ended = "ended" if view.incident.status.closed else "stands"
    levels = [_act(act, view, speech, write, origin=False) for act in view.timeline if act.kind in LEVELS]
    chapters = [
        ("why", [f"- {write.text(line)}" for line in parts.reason_lines(view.incident.reasons, speech)]),
        ("levels", levels),
        ("facts", [line for fact in view.incident.facts for line in _fact(fact, view, speech, write)]),
        ("acts", [_act(act, view, speech, write) for act in view.timeline]),
        ("alerts", [_alert(told, speech, write) for told in export.told]),
        ("posts", [line for shown in export.posts for line in _post(shown, view.now, speech, write)]),
        (ended, [write.text(line) for line in standing(view, speech).splitlines()]),
    ]
    return "\n".join([*_head(view, speech, write), *(line for one in chapters for line in _chapter(*one, speech))])


def heading(incident: Incident, speech: Speech) -> str:
    """What the file is called where it is shown."""
    return speech.say("export.title", number=str(incident.id), topic=plain(incident.topic, 80))


def people(export: IncidentExport) -> set[str]:
    """The Slack ids of all people whom the document names."""
    incident = export.view.incident
    found = {incident.owner, incident.closed_by, incident.acknowledged_by, incident.set_by}
    for act in export.view.timeline:
        targets = act.detail.get("targets") or ()
        told = [act.detail.get(key) for key in ("to", "owner", "target", "pinned_by")]
        found |= {act.by, *(str(one) for one in (*told, *targets) if one)}
    found |= {told.alert.target for told in export.told}
    return {one for one in found if parts.is_person(one)}


def _head(view: IncidentView, speech: Speech, write: MarkdownWriter) -> list[str]:
    incident = view.incident
    number = speech.say("export.number", number=str(incident.id), topic=parts.topic_name(incident.topic))
    lasted = speech.span((incident.closed_at or view.now) - incident.opened_at)
    span = speech.say(
        "export.span", opened=write.moment(incident.opened_at), span=lasted, peak=speech.level(incident.peak)
    )
    made = speech.say("export.made", at=write.moment(view.now), zone=incident.policy.timezone)
    said = sentence(view, speech)
    return [
        f"# {write.text(quoted(title(incident, speech), 300))}",
        "",
        *([write.text(said), ""] if said else []),
        f"- {write.text(number)}",
        f"- {write.text(span)}",
        f"- {write.text(made)}",
        "",
    ]


def _chapter(name: str, lines: Iterable[str], speech: Speech) -> list[str]:
    return [f"## {speech.say(f'export.chapter.{name}')}", "", *(list(lines) or [speech.say("export.nothing")]), ""]


def _act(act: Act, view: IncidentView, speech: Speech, write: MarkdownWriter, *, origin: bool = True) -> str:
    line = f"- {write.text(timeline_line(act, speech, view.now, most=LONGEST))}"
    told = act.detail.get("origin") or {}
    if not origin or act.by == TOCSIN or not told:
        return line
    via = str(told.get("via", ""))
    known = speech.say(f"export.via.{via}") if via in speech.section("export.via") else ""
    channel = parts.called(str(told.get("channel", "")), view.names) if told.get("channel") else ""
    where = " · ".join(part for part in (known, write.text(channel)) if part)
    return f"{line} ({where})" if where else line


def _fact(fact: Fact, view: IncidentView, speech: Speech, write: MarkdownWriter) -> Iterable[str]:
    """A fact, and below it each post that proves it."""
    yield f"- {write.text(fact_lines.line(fact, speech, topic=view.incident.topic, posts={}))}"
    for post_id in fact.evidence:
        if post_id in view.proofs:
            yield f"  - {write.text(parts.byline(ShownPost(post=view.proofs[post_id]), speech, view.now))}"


def _alert(told: ToldAlert, speech: Speech, write: MarkdownWriter) -> str:
    alert = told.alert
    state = speech.say(
        f"export.state.{told.state}", at=write.moment(told.sent_at or alert.at), error=quoted(told.error, 80)
    )
    said = speech.say(
        "export.alert",
        what=speech.say(f"export.alert_kind.{alert.kind.value}"),
        level=speech.level(alert.level),
        who=parts.who(alert.target) if parts.is_person(alert.target) else parts.called(alert.target, write.names),
        state=state,
    )
    return f"- {write.moment(alert.at)}  {write.text(said)}"


def _post(shown: ShownPost, now: datetime, speech: Speech, write: MarkdownWriter) -> Iterable[str]:
    yield f"> {write.text(quoted(mask(shown.post.body), LONGEST))}"
    yield ">"
    yield f"> {write.text(parts.byline(shown, speech, now))}"
    yield ""
