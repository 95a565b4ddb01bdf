"""What a command, a click or a sent form leads to: ask the desk, answer with a message. Runs in threads of our own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import structlog

from bot.desk.desk import Desk
from bot.desk.outcome import Outcome
from bot.errors import DeskError
from bot.i18n.speech import Speech
from bot.incidents.lifecycle import ActRequest
from bot.incidents.transitions import LONGEST_SNOOZE
from bot.records import ActKind
from bot.slack import commands, uploads
from bot.slack.ends import resolved
from bot.slack.executor import Executor
from bot.slack.expected import told as days_told
from bot.slack.expected.typed import Expect, readings
from bot.slack.exports import record
from bot.slack.forms import act_forms, forms
from bot.slack.forms.act_forms import ActForm, AskedAct
from bot.slack.forms.forms import CorrectionForm
from bot.slack.membership import PATIENCE_S
from bot.slack.render import answers, backtests, messages
from bot.slack.render.blocks import BlockMessage
from bot.slack.render.briefs import brief
from bot.slack.render.escape import quoted
from bot.slack.render.explanations import corrected, why
from bot.slack.render.parts import who
from bot.slack.requests import SlackRequest
from engine.watch.expected import ExpectedDays

log = structlog.get_logger("tocsin.slack")

QUIET = (ActKind.ACKNOWLEDGE, ActKind.RESOLVE)
"""Acts whose click needs no answer when it was done: the card itself says so at once."""


class Handlers:
    def __init__(self, executor: Executor) -> None:
        self._executor, self._gate = executor, executor.gate

    def command(self, asked: SlackRequest, speech: Speech) -> BlockMessage | None:
        """Answer what was typed after ``/opinion``."""
        wanted = commands.parse(asked.text)
        if isinstance(wanted, commands.ActOn):
            return self._typed_act(asked, wanted, speech)
        if isinstance(wanted, commands.Misunderstood):
            return self._guess(asked, wanted, speech)
        return self._look(asked, wanted, speech)

    def _look(self, asked: SlackRequest, wanted: commands.Command, speech: Speech) -> BlockMessage | None:
        made, desk = None, self._gate.desk_for(asked)  # None for a form: the listener opens it
        match wanted:
            case commands.Help():
                made = answers.help_page(speech, self._now(desk, speech))
            case commands.ShowTopic(name=name):
                made = answers.topic(desk.topic(name), speech)
            case commands.ListTopics():
                made = answers.topics(desk.topics(), speech)
            case commands.ListIncidents(closed=closed):
                made = answers.incidents(desk.incidents(closed=closed), speech)
            case commands.ShowIncident(number=number, export=True):
                made = self.export(asked, speech, number=number)
            case commands.ShowIncident(number=number, page=page):
                made = answers.incident(desk.incident(number), speech, page=page)
            case commands.ShowBrief(number=number):
                made = brief(desk.posts.brief(number, language=speech.language), speech)
            case commands.ShowBacktest():
                made = self._backtest(asked, desk, wanted, speech)
            case commands.ShowDigest():
                made = backtests.digest(desk.history.digest(desk.records()), speech)
            case commands.ListSources():
                made = answers.sources(desk.sources(), speech)
            case Expect(typed=typed):
                made = self._expect(asked, desk, typed, speech)
        return made

    def _backtest(
        self, asked: SlackRequest, desk: Desk, wanted: commands.ShowBacktest, speech: Speech
    ) -> BlockMessage | None:
        """Compute for as long as it takes, saying so first; the picture follows in the person's own conversation."""
        try:  # a name may end in a number
            record, days = desk.watched(wanted.typed), None
        except DeskError:
            record, days = desk.watched(wanted.name), wanted.days
        begun = speech.say("backtest.begun", topic=quoted(record.topic.name, 80))
        self._executor.tell(asked, messages.said(begun))
        tested = desk.history.backtest(record, days, language=speech.language)
        self._executor.tell(asked, backtests.backtest(tested, speech))
        title = speech.say("backtest.title", topic=record.topic.name)
        failure = uploads.send(
            self._executor.client, asked.user, tested.picture, name="backtest.png", title=title,
            stop=self._executor.stopping,
        )  # fmt: skip
        if failure is None:
            return None
        return messages.said(speech.say("backtest.no_picture", reason=failure.reason(speech)))

    def _expect(self, asked: SlackRequest, desk: Desk, typed: str, speech: Speech) -> BlockMessage:
        """Enter days that are expected of a topic, take them out, or list them."""
        here = desk.time.now().astimezone(self._executor.zone(asked)).date()
        record, wanted = desk.expecting.meant(readings(typed, here), desk.watched)
        if wanted.remove:
            changed = desk.expecting.remove(record, wanted.days, by=asked.user, origin=asked.origin)
            return days_told.removed(record, changed, desk.time.today(), speech)
        if wanted.days is None:
            return days_told.listed(record, desk.time.today(), speech)
        entered = ExpectedDays(first=wanted.days[0], last=wanted.days[1], what=wanted.what, by=asked.user)
        changed = desk.expecting.enter(record, entered, origin=asked.origin)
        return days_told.entered(changed, entered, desk.time.today(), speech)

    def export(self, asked: SlackRequest, speech: Speech, *, number: int) -> BlockMessage:
        """Send the record of an incident as a file into the person's own conversation."""
        found = self._gate.desk_for(asked).export(number)
        incident, membership = found.view.incident, self._executor.membership
        profiles = {one: membership.profile(one) for one in record.people(found)}  # asked for together
        known = {one: profile.wait(PATIENCE_S) for one, profile in profiles.items()}
        names = {one: profile.name for one, profile in known.items() if profile and profile.name}
        failure = uploads.send(
            self._executor.client, asked.user, record.document(found, speech, names=names).encode(),
            name=f"tocsin-incident-{incident.id}.md", title=record.heading(incident, speech),
            stop=self._executor.stopping,
        )  # fmt: skip
        key, reason = ("export.not_sent", failure.reason(speech)) if failure else ("export.sent", "")
        return messages.said(speech.say(key, number=str(incident.id), reason=reason))

    def act_form(
        self, asked: SlackRequest, speech: Speech, *, kind: ActKind, number: int, version: int = 0, typed: str = ""
    ) -> BlockMessage | None:
        """Open the form of an act that asks for more, unless the act would be refused anyway."""
        desk = self._gate.desk_for(asked, hurried=True)
        view = desk.incident(number)
        trial = ActRequest(kind=kind, by=asked.user, key="", to="?", minutes=1, text="?", origin=asked.origin)
        desk.check(trial, view.incident, unsure=True)
        refusal = desk.objection(view.incident, trial)
        if refusal is not None:
            return messages.said(messages.refused(refusal, view, speech))
        form = AskedAct(
            kind=kind,
            incident=view.incident,
            typed=typed,
            others=desk.joint.siblings(view.incident) if kind is ActKind.MERGE else (),
            stories=desk.joint.stories(view.incident) if kind is ActKind.SPLIT else (),
        )
        if (kind is ActKind.MERGE and not form.others) or (kind is ActKind.SPLIT and len(form.stories) < 2):
            return messages.said(speech.say(f"refused.no_{kind.value}", number=str(view.incident.id)))
        self._executor.open(asked, act_forms.act(form, speech, place=asked.url, channel=asked.channel))
        return None

    def filled(self, asked: SlackRequest, speech: Speech, *, form: ActForm) -> BlockMessage | None:
        """Carry out an act whose form was sent."""
        request = ActRequest(
            kind=form.kind,
            by=asked.user,
            key=f"form:{asked.event}",
            to=form.to,
            minutes=form.minutes,
            text=form.text,
            level=form.level,
            other=form.other,
            story=form.story,
            origin=asked.origin,
        )
        return self._act(asked, form.number, request, speech)

    def why(self, asked: SlackRequest, speech: Speech, *, number: int, post: str) -> BlockMessage | None:
        """Say which words carried the reading of a post; a worker may take some seconds to tell."""
        return why(self._gate.desk_for(asked).posts.why(number, post), speech)

    def wrong_form(self, asked: SlackRequest, speech: Speech, *, number: int, post: str) -> BlockMessage | None:
        """Open the form for a post that was read wrong."""
        desk = self._gate.desk_for(asked, hurried=True)
        found = desk.posts.evidence(number, post)
        trial = ActRequest(kind=ActKind.CORRECT, by=asked.user, key="", origin=asked.origin)
        desk.check(trial, found.incident, unsure=True)
        self._executor.open(asked, forms.wrong(found, speech, place=asked.url, channel=asked.channel))
        return None

    def wrong(self, asked: SlackRequest, speech: Speech, *, form: CorrectionForm) -> BlockMessage | None:
        """Let what a person says of a post count."""
        key = f"form:{asked.event}"
        request = ActRequest(kind=ActKind.CORRECT, by=asked.user, key=key, origin=asked.origin)
        posts = self._gate.desk_for(asked).posts
        new = posts.correct(form.number, form.post, form.polarity, request)
        if new:
            self._executor.wake()
        return corrected(posts.evidence(form.number, form.post), form.polarity, speech, new=new)

    def click(
        self, asked: SlackRequest, speech: Speech, *, kind: ActKind, number: int, version: int
    ) -> BlockMessage | None:
        """Carry out a click. Clicks of one person on one drawing of a card are one deed, however many they are."""
        key = f"click:{kind.value}:{asked.user}:{version}"
        request = ActRequest(kind=kind, by=asked.user, key=key, origin=asked.origin)
        return self._act(asked, number, request, speech, silent=kind in QUIET)

    def ask(self, asked: SlackRequest, speech: Speech, *, number: int, kind: ActKind, to: str) -> BlockMessage | None:
        """Ask somebody who may do it, in the place of the refusal."""
        said, owed = self._gate.ask(asked, speech, number=number, kind=kind, to=to)
        if owed:
            self._executor.wake()
        self._executor.tell(asked, messages.said(said), instead=True)
        return None

    def still_on_it(self, asked: SlackRequest, speech: Speech, *, number: int, version: int) -> BlockMessage | None:
        """The owner answers a reminder: the reminder says so from now on."""
        key = f"still:{asked.user}:{version}"
        request = ActRequest(kind=ActKind.ACKNOWLEDGE, by=asked.user, key=key, origin=asked.origin)
        outcome = self._done(asked, number, request)
        if outcome.refusal is not None and not outcome.repeated:
            return messages.outcome(outcome, self._executor.desk.view(outcome.incident), speech)
        self._executor.wake()
        self._executor.tell(asked, messages.still(outcome, speech), instead=True)
        return None

    def _typed_act(self, asked: SlackRequest, wanted: commands.ActOn, speech: Speech) -> BlockMessage | None:
        if self._needs_form(asked, wanted):
            return self.act_form(asked, speech, kind=wanted.kind, number=wanted.number, typed=wanted.text)
        minutes = self._minutes(asked, wanted)
        if isinstance(minutes, commands.Misunderstood):
            return messages.misunderstood(minutes, speech)
        person = self._person(wanted.person, asked) if wanted.kind is ActKind.ASSIGN else ""
        request = ActRequest(
            kind=wanted.kind,
            by=asked.user,
            key=f"typed:{asked.event}",
            to=person,
            minutes=minutes,
            text=wanted.text,
            level=wanted.level,
            other=wanted.other,
            origin=asked.origin,
        )
        return self._act(asked, wanted.number, request, speech)

    def _minutes(self, asked: SlackRequest, wanted: commands.ActOn) -> float | commands.Misunderstood:
        """How long it shall last; an end that was typed is one in the time zone of whoever typed it."""
        if wanted.until is None:
            return wanted.minutes or 0
        time = self._executor.desk.time
        now = time.now()
        end = resolved(wanted.until, now, self._executor.zone(asked), time.morning)
        if end is not None and end - now <= LONGEST_SNOOZE:
            return (end - now) / timedelta(minutes=1)
        return commands.Misunderstood(key="span_past" if end is None else "span_too_long", typed=wanted.typed)

    def _needs_form(self, asked: SlackRequest, wanted: commands.ActOn) -> bool:
        """True if what was typed lacks something, or is so grave that it is asked for once more."""
        if wanted.kind in (ActKind.RESOLVE, ActKind.FALSE_ALARM):
            request = ActRequest(kind=wanted.kind, by=asked.user, key="", origin=asked.origin)
            return self._gate.desk_for(asked).grave(wanted.number, request)
        return commands.asks_more(wanted)

    def _done(self, asked: SlackRequest, number: int, request: ActRequest) -> Outcome:
        """Carry *request* out; what was taken unchecked is checked afterwards."""
        if request.kind is ActKind.ASSIGN and request.to and not self._gate.can_own(request.to):
            raise DeskError("sorry.cannot_own", who=who(request.to))
        outcome = self._gate.desk_for(asked).act(number, request, again=asked.again)
        if outcome.request.unchecked and outcome.refusal is None:
            self._gate.check_later(asked, outcome.incident)
        return outcome

    def _act(
        self, asked: SlackRequest, number: int, request: ActRequest, speech: Speech, *, silent: bool = False
    ) -> BlockMessage | None:
        outcome = self._done(asked, number, request)
        if outcome.refusal is None:
            self._executor.wake()
        if outcome.repeated or (silent and outcome.refusal is None and not outcome.stale):
            return None
        return messages.outcome(outcome, self._executor.desk.view(outcome.incident), speech)

    def _person(self, name: str, asked: SlackRequest) -> str:
        """The id of somebody named in a command. DeskError if nobody is called so, or Slack does not say it in time."""
        found = self._executor.desk.person(name, by=asked.user)
        known = self._executor.membership.address(found).wait(PATIENCE_S) if "@" in found else found
        if not known:
            raise DeskError("sorry.no_person", name=name)
        return known

    def _guess(self, asked: SlackRequest, wanted: commands.Misunderstood, speech: Speech) -> BlockMessage:
        """A word that is no command may be a topic's name: then that is what was meant."""
        if wanted.key == "unknown_command":
            try:
                return answers.topic(self._gate.desk_for(asked).topic(wanted.typed), speech)
            except DeskError as error:
                near = error.values.get("near") or ()
                if near and not wanted.meant:
                    verb = answers.verb("topic", speech)
                    wanted = replace(wanted, meant=f"{verb} {near[0]}")
        return messages.misunderstood(wanted, speech)

    def _now(self, desk: Desk, speech: Speech) -> str:
        """What goes on, in one line above the help's foot."""
        found = desk.incidents()
        key = "incidents.title" if found.incidents else "incidents.none"
        return speech.say(key, n=len(found.incidents)) if found.incidents else speech.say(key)
