"""What a command, a click or a sent form leads to: ask the desk, answer with a message. Runs in threads of our own."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

import structlog

from bot.desk.desk import Desk, Outcome
from bot.desk.drafts import Draft
from bot.errors import DeskError, TocsinError
from bot.i18n.speech import Speech
from bot.incidents.lifecycle import ActRequest
from bot.infra.error_trail import log_expected
from bot.infra.patience import SAVING_S, hurried
from bot.records import ActKind
from bot.slack import commands, uploads
from bot.slack.directory import FAULTS
from bot.slack.executor import Executor, SlackRequest
from bot.slack.render import answers, backtests, forms, messages
from bot.slack.render.blocks import Block, BlockMessage
from bot.slack.render.briefs import brief
from bot.slack.render.escape import escaped, quoted
from bot.slack.render.explanations import why
from bot.slack.render.forms import ActForm, CorrectionForm

log = structlog.get_logger("tocsin.slack")

QUIET = (ActKind.ACKNOWLEDGE, ActKind.RESOLVE)
"""Acts whose click needs no answer when it was done: the card itself says so at once."""


class Handlers:
    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._desk: Desk = executor.desk

    def command(self, asked: SlackRequest, speech: Speech) -> BlockMessage | None:
        """Answer what was typed after ``/opinion``."""
        wanted = commands.parse(asked.text)
        if isinstance(wanted, commands.ActOn):
            return self._typed_act(asked, wanted, speech)
        if isinstance(wanted, commands.Misunderstood):
            return self._guess(wanted, speech)
        return self._look(asked, wanted, speech)

    def _look(self, asked: SlackRequest, wanted: commands.Command, speech: Speech) -> BlockMessage | None:
        made = None  # for a form: the listener opens it
        match wanted:
            case commands.Help():
                made = answers.help_page(speech, self._now(speech))
            case commands.ShowTopic(name=name):
                made = answers.topic(self._desk.topic(name), speech)
            case commands.ListTopics():
                made = answers.topics(self._desk.topics(), speech)
            case commands.ListIncidents(closed=closed):
                made = answers.incidents(self._desk.incidents(closed=closed), speech)
            case commands.ShowIncident(number=number):
                made = answers.incident(self._desk.incident(number), speech)
            case commands.ShowBrief(number=number):
                made = brief(self._desk.brief(number, language=speech.language), speech)
            case commands.ShowBacktest():
                made = self._backtest(asked, wanted, speech)
            case commands.ShowDigest():
                made = backtests.digest(self._desk.history.digest(), speech)
            case commands.ListSources():
                made = answers.sources(self._desk.sources(), speech)
        return made

    def _backtest(self, asked: SlackRequest, wanted: commands.ShowBacktest, speech: Speech) -> BlockMessage | None:
        """Compute for as long as it takes, saying so first; the picture follows in the person's own conversation."""
        try:  # a name may end in a number
            record, days = self._desk.watched(wanted.typed), None
        except DeskError:
            record, days = self._desk.watched(wanted.name), wanted.days
        begun = speech.say("backtest.begun", topic=quoted(record.topic.name, 80))
        self._executor.tell(asked, messages.said(begun))
        tested = self._desk.history.backtest(record, days, language=speech.language)
        self._executor.tell(asked, backtests.backtest(tested, speech))
        title = speech.say("backtest.title", topic=record.topic.name)
        failure = uploads.send(
            self._executor.client, asked.user, tested.picture, name="backtest.png", title=title,
            stop=self._executor.stopping,
        )  # fmt: skip
        if failure is None:
            return None
        return messages.said(speech.say("backtest.no_picture", reason=failure.reason(speech)))

    def add_form(self, asked: SlackRequest, speech: Speech) -> None:
        """Open the form for a new topic."""
        wanted = commands.parse(asked.text)
        name = wanted.name if isinstance(wanted, commands.AddTopic) else ""
        channel = self._desk.default_channel
        usable = channel if channel[:1] in "CG" and channel.isalnum() and channel.isupper() else ""
        view = forms.add(speech, name=name, channel=usable, policies=self._desk.policies())
        self._executor.open(asked, view)

    def add(self, asked: SlackRequest, speech: Speech, *, draft: Draft, page: Future[Block]) -> None:
        """Save a new topic; *page* then holds the page that says what came of it."""
        try:
            with hurried(SAVING_S):
                text = messages.added(self._desk.add_topic(draft, by=asked.user), speech)
        except TocsinError as error:
            text = speech.say("form.add.not_saved", reason=escaped(error.said(speech)))
        page.set_result(forms.page(speech.say("form.add.title"), text, speech))

    def show(self, view_id: str, page: Block) -> None:
        """Put *page* into the form that still says that it is saving, unless the person has closed it."""
        try:
            self._executor.client.views_update(view_id=view_id, view=page)
        except FAULTS as error:
            log_expected(log.info, "form_not_updated", error)

    def act_form(
        self, asked: SlackRequest, speech: Speech, *, kind: ActKind, number: int, version: int = 0
    ) -> BlockMessage | None:
        """Open the form of an act that asks for more, unless the act would be refused anyway."""
        view = self._desk.incident(number)
        trial = ActRequest(kind=kind, by=asked.user, key="", to="?", minutes=1, text="?")
        refusal = self._desk.objection(view.incident, trial)
        if refusal is not None:
            return messages.said(messages.refused(refusal, view, speech))
        self._executor.open(asked, forms.act(kind, view.incident.id, version, speech, place=asked.url))
        return None

    def filled(self, asked: SlackRequest, speech: Speech, *, form: ActForm) -> BlockMessage | None:
        """Carry out an act whose form was sent."""
        request = ActRequest(
            kind=form.kind, by=asked.user, key=f"form:{asked.event}", to=form.to, minutes=form.minutes, text=form.text
        )
        return self._act(asked, form.number, request, speech)

    def why(self, asked: SlackRequest, speech: Speech, *, number: int, post: str) -> BlockMessage | None:
        """Say which words carried the reading of a post; a worker may take some seconds to tell."""
        return why(self._desk.why(number, post), speech)

    def wrong_form(self, asked: SlackRequest, speech: Speech, *, number: int, post: str) -> BlockMessage | None:
        """Open the form for a post whose sentiment was read wrong."""
        self._executor.open(asked, forms.wrong(self._desk.evidence(number, post), speech, place=asked.url))
        return None

    def wrong(self, asked: SlackRequest, speech: Speech, *, form: CorrectionForm) -> BlockMessage | None:
        """Keep what a person says of a post's sentiment."""
        new = self._desk.correct(form.number, form.post, form.polarity, by=asked.user, key=f"form:{asked.event}")
        said = speech.say(f"polarity.{form.polarity.value}")
        return messages.said(speech.say("wrong.done" if new else "wrong.same", polarity=said))

    def click(
        self, asked: SlackRequest, speech: Speech, *, kind: ActKind, number: int, version: int
    ) -> BlockMessage | None:
        """Carry out a click. Clicks of one person on one drawing of a card are one deed, however many they are."""
        key = f"click:{kind.value}:{asked.user}:{version}"
        request = ActRequest(kind=kind, by=asked.user, key=key)
        return self._act(asked, number, request, speech, silent=kind in QUIET)

    def still_on_it(self, asked: SlackRequest, speech: Speech, *, number: int, version: int) -> BlockMessage | None:
        """The owner answers a reminder: the reminder says so from now on."""
        key = f"still:{asked.user}:{version}"
        request = ActRequest(kind=ActKind.ACKNOWLEDGE, by=asked.user, key=key)
        outcome = self._desk.act(number, request, again=asked.again)
        if outcome.refusal is not None and not outcome.repeated:
            return messages.outcome(outcome, self._desk.view(outcome.incident), speech)
        self._executor.wake()
        self._executor.tell(asked, messages.still(outcome, speech), instead=True)
        return None

    def _typed_act(self, asked: SlackRequest, wanted: commands.ActOn, speech: Speech) -> BlockMessage | None:
        if commands.asks_more(wanted):
            return self.act_form(asked, speech, kind=wanted.kind, number=wanted.number)
        person = self._person(wanted.person, asked) if wanted.kind is ActKind.ASSIGN else ""
        request = ActRequest(
            kind=wanted.kind,
            by=asked.user,
            key=f"typed:{asked.event}",
            to=person,
            minutes=wanted.minutes or 0,
            text=wanted.text,
        )
        return self._act(asked, wanted.number, request, speech)

    def _act(
        self, asked: SlackRequest, number: int, request: ActRequest, speech: Speech, *, silent: bool = False
    ) -> BlockMessage | None:
        outcome: Outcome = self._desk.act(number, request, again=asked.again)
        if outcome.refusal is None:
            self._executor.wake()
        if outcome.repeated or (silent and outcome.refusal is None and not outcome.stale):
            return None
        return messages.outcome(outcome, self._desk.view(outcome.incident), speech)

    def _person(self, name: str, asked: SlackRequest) -> str:
        found = self._desk.person(name, by=asked.user)
        return self._executor.directory.by_email(found) if "@" in found else found

    def _guess(self, wanted: commands.Misunderstood, speech: Speech) -> BlockMessage:
        """A word that is no command may be a topic's name: then that is what was meant."""
        if wanted.key == "unknown_command":
            try:
                return answers.topic(self._desk.topic(wanted.typed), speech)
            except DeskError as error:
                near = error.values.get("near") or ()
                if near and not wanted.meant:
                    verb = answers.verb("topic", speech)
                    wanted = replace(wanted, meant=f"{verb} {near[0]}")
        return messages.misunderstood(wanted, speech)

    def _now(self, speech: Speech) -> str:
        """What goes on, in one line above the help's foot."""
        found = self._desk.incidents()
        key = "incidents.title" if found.incidents else "incidents.none"
        return speech.say(key, n=len(found.incidents)) if found.incidents else speech.say(key)
