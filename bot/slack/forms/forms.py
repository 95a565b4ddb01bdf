"""The forms of a new topic and of a post that was read wrong; and what people filled in. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.desk.drafts import Draft, FieldFault
from bot.desk.views.view_models import Evidence
from bot.i18n.queries import query_fault
from bot.i18n.speech import Speech
from bot.records import NOT_ABOUT
from bot.slack.forms.form_parts import carried_by, choice, labelled, modal, text_field, value_of
from bot.slack.render import blocks as b
from bot.slack.render import parts
from bot.slack.render.blocks import Block
from bot.slack.render.escape import clipped, plain, quoted
from engine.post import Polarity
from engine.text.masking import mask

ADD, WRONG, PREVIEW = "tocsin_add", "tocsin_wrong", "tocsin_preview"


@dataclass(frozen=True, kw_only=True)
class CorrectionForm:
    """The form ``wrong`` as it was sent: what a person says the sentiment of a post is, None if it is not about us."""

    number: int
    post: str
    polarity: Polarity | None
    place: str = ""
    channel: str = ""


def add(speech: Speech, *, name: str, channel: str, policies: Sequence[str]) -> Block:
    """The form for a new topic. *channel*, an id, is chosen beforehand."""
    chosen: Block = {"type": "conversations_select", "action_id": "value"}
    chosen["filter"] = {"include": ["public", "private"], "exclude_bot_users": True}
    if channel:
        chosen["initial_conversation"] = channel
    policy = choice([(policy, policy) for policy in policies])
    speak = choice([(one.say("language.own"), one.language) for one in speech.siblings], speech.language)
    fields = [
        _input("name", speech, text_field(name[:80], most=80), hint=True),
        _input(
            "query",
            speech,
            text_field("", lines=True, most=3000, placeholder=speech.say("form.add.query_example")),
            hint=True,
        ),
        b.actions("preview", b.button(PREVIEW, speech.say("form.add.preview"), "preview")),
        _input("aliases", speech, text_field("", most=500), hint=True, optional=True),
        _input("channel", speech, chosen),
        _input("policy", speech, policy),
        _input("speak", speech, speak),
    ]
    return modal(ADD, "form.add", fields, speech, {"language": speech.language})


def draft(state: Mapping[str, Any]) -> Draft:
    """The topic that the form ``add`` holds when it is sent."""
    aliases = re.split(r"[,，、;；\n]", value_of(state, "aliases"))
    return Draft(
        name=value_of(state, "name"),
        query=value_of(state, "query"),
        aliases=tuple(dict.fromkeys(alias.strip() for alias in aliases if alias.strip())),
        channel=value_of(state, "channel"),
        policy=value_of(state, "policy") or "default",
        speak=value_of(state, "speak"),
    )


def errors(faults: Mapping[str, FieldFault], query: str, speech: Speech) -> dict[str, str]:
    """What stands under the fields, by block id; a query's fault shows the place."""
    return {field: _fault(fault, query, speech) for field, fault in faults.items()}


def wrong(evidence: Evidence, speech: Speech, *, place: str = "", channel: str = "") -> Block:
    """The form for a post that was read wrong: what it is instead, or that it is not about the topic."""
    number, read = evidence.incident.id, evidence.shown.polarity
    lines = [speech.say("form.wrong.intro", number=str(number), post=quoted(mask(evidence.shown.post.body), 300))]
    if read is not None:
        key, by = ("said", parts.who(evidence.shown.said_by)) if evidence.shown.said_by else ("was", "")
        lines.append(speech.say(f"form.wrong.{key}", polarity=speech.say(f"polarity.{read.value}"), by=by))
    if not evidence.about:
        lines.append(speech.say("form.wrong.was_not_about", by=parts.who(evidence.shown.said_by)))
    rows = [(speech.say(f"polarity.{one.value}"), one.value) for one in Polarity if one is not read]
    if evidence.about:
        rows.append((speech.say("form.wrong.not_about"), NOT_ABOUT))
    label = speech.say("form.wrong.label", topic=plain(evidence.incident.topic, 80))
    fields = [b.section("\n".join(lines)), labelled("polarity", label, choice(rows, kind="radio_buttons"))]
    carried = {"number": number, "post": evidence.shown.post.id, "place": place, "channel": channel}
    return modal(WRONG, "form.wrong", fields, speech, carried)


def marked(view: Mapping[str, Any]) -> CorrectionForm:
    """What the form ``wrong`` holds when it is sent."""
    carried = carried_by(view)
    chosen = value_of(view["state"]["values"], "polarity")
    return CorrectionForm(
        number=int(carried["number"]),
        post=str(carried["post"]),
        polarity=None if chosen == NOT_ABOUT else Polarity(chosen),
        place=str(carried.get("place", "")),
        channel=str(carried.get("channel", "")),
    )


def page(title: str, text: str, speech: Speech) -> Block:
    """A form that only says something."""
    return {
        "type": "modal",
        "title": b.plain_text(title, 24),
        "close": b.plain_text(speech.say("form.close"), 24),
        "blocks": [b.section(text)],
    }


def saving(speech: Speech) -> Block:
    return page(speech.say("form.add.title"), speech.say("form.add.saving"), speech)


def _input(field: str, speech: Speech, element: Block, *, hint: bool = False, optional: bool = False) -> Block:
    made = labelled(field, speech.say(f"form.add.{field}"), element, optional=optional)
    if hint:
        made["hint"] = b.plain_text(speech.say(f"form.add.{field}_hint"), 2000)
    return made


def _fault(fault: FieldFault, query: str, speech: Speech) -> str:
    if fault.query is None:
        return speech.say(fault.key)
    sentence = query_fault(fault.query, speech)
    if fault.position is None or "\n" in query:
        return clipped(sentence, 200)
    start, end = max(0, fault.position - 12), fault.position + 12
    before, after = query[start : fault.position], query[fault.position : end]
    around = f"{'…' if start else ''}{before}👉{after}{'…' if end < len(query) else ''}"
    return clipped(f"{sentence} {around}", 200)
