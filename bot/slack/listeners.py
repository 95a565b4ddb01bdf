"""What Slack brings, handed on: each listener acknowledges at once and passes the work to the executor's threads."""

from __future__ import annotations

import re
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from functools import partial

from slack_bolt import Ack, App

from bot.i18n.speech import Speech
from bot.records import ActKind
from bot.slack import commands
from bot.slack.executor import Executor
from bot.slack.forms import act_forms, forms
from bot.slack.forms.form_parts import carried_by
from bot.slack.handlers import Handlers
from bot.slack.render import barred, cards
from bot.slack.render.blocks import Block
from bot.slack.render.parts import COMMAND
from bot.slack.requests import Body, request_of


class Listeners:
    def __init__(self, executor: Executor) -> None:
        self._executor, self._handlers = executor, Handlers(executor)

    def register(self, app: App) -> None:
        app.command(COMMAND)(self.command)
        app.action(cards.ACKNOWLEDGE)(self.acknowledge)
        app.action(cards.RESOLVE)(self.resolve)
        app.action(cards.STILL_ON_IT)(self.still_on_it)
        app.action(cards.REOPEN)(self.reopen)
        app.action(cards.USE_POLICY)(self.use_policy)
        app.action(cards.MORE)(self.more)
        app.action(cards.RARE)(self.more)
        app.action(cards.POST)(self.post)
        app.action(re.compile(f"^{barred.ASK}"))(self.ask)
        app.view(forms.ADD)(self.add)
        app.view(act_forms.ACT)(self.act)
        app.view(forms.WRONG)(self.wrong)

    def command(self, ack: Ack, body: Body) -> None:
        ack()
        asked = request_of(body)
        wanted = commands.parse(asked.text)
        if isinstance(wanted, commands.AddTopic):
            self._executor.take(asked, self._handlers.add_form, urgent=True)
        else:
            asks_more = isinstance(wanted, commands.ActOn) and wanted.minutes is None
            self._executor.take(asked, self._handlers.command, urgent=asks_more)

    def acknowledge(self, ack: Ack, body: Body) -> None:
        ack()
        self._click(body, ActKind.ACKNOWLEDGE)

    def resolve(self, ack: Ack, body: Body) -> None:
        ack()
        number, version = _incident(body["actions"][0]["value"])
        work = partial(self._handlers.close, number=number, version=version)
        self._executor.take(request_of(body), work, urgent=True)  # it may open a form

    def reopen(self, ack: Ack, body: Body) -> None:
        ack()
        self._click(body, ActKind.REOPEN)

    def still_on_it(self, ack: Ack, body: Body) -> None:
        ack()
        number, version = _incident(body["actions"][0]["value"])
        self._executor.take(request_of(body), partial(self._handlers.still_on_it, number=number, version=version))

    def ask(self, ack: Ack, body: Body) -> None:
        ack()
        number, kind, to = body["actions"][0]["value"].split(":", 2)
        self._executor.take(
            request_of(body), partial(self._handlers.ask, number=int(number), kind=ActKind(kind), to=to)
        )

    def use_policy(self, ack: Ack, body: Body) -> None:
        ack()
        self._click(body, ActKind.USE_POLICY)

    def more(self, ack: Ack, body: Body) -> None:
        ack()
        chosen, _, value = body["actions"][0]["selected_option"]["value"].partition(":")
        kind, (number, version) = ActKind(chosen), _incident(value)
        asks_more = act_forms.asks_more(kind)
        work = self._handlers.act_form if asks_more else self._handlers.click
        self._executor.take(
            request_of(body), partial(work, kind=kind, number=number, version=version), urgent=asks_more
        )

    def post(self, ack: Ack, body: Body) -> None:
        ack()
        chosen, number, post = body["actions"][0]["selected_option"]["value"].split(":", 2)
        work = self._handlers.why if chosen == cards.WHY else self._handlers.wrong_form
        asks_more = chosen == cards.WRONG
        self._executor.take(request_of(body), partial(work, number=int(number), post=post), urgent=asks_more)

    def wrong(self, ack: Ack, body: Body) -> None:
        ack()
        form = forms.marked(body["view"])
        asked = request_of(body, event=body["view"]["id"], url=form.place, channel=form.channel)
        self._executor.take(asked, partial(self._handlers.wrong, form=form))

    def add(self, ack: Ack, body: Body) -> None:
        view = body["view"]
        draft, asked = forms.draft(view["state"]["values"]), request_of(body, event=view["id"] + view["hash"])
        speech, found = Speech(carried_by(view)["language"]), self._executor.faults(draft)
        if found:
            ack(response_action="errors", errors=forms.errors(found, draft.query, speech))
            return
        page: Future[Block] = Future()
        self._executor.take(asked, partial(self._handlers.add, draft=draft, page=page))
        try:  # in the ack itself: an update of the form might overtake the ack, and be overwritten by it
            ack(response_action="update", view=page.result(self._executor.patience))
        except Late:
            ack(response_action="update", view=forms.saving(speech))
            page.add_done_callback(lambda made: self._handlers.show(view["id"], made.result()))

    def act(self, ack: Ack, body: Body) -> None:
        ack()
        form = act_forms.filled(body["view"])
        asked = request_of(body, event=body["view"]["id"], url=form.place, channel=form.channel)
        self._executor.take(asked, partial(self._handlers.filled, form=form))

    def _click(self, body: Body, kind: ActKind) -> None:
        number, version = _incident(body["actions"][0]["value"])
        self._executor.take(request_of(body), partial(self._handlers.click, kind=kind, number=number, version=version))


def _incident(value: str) -> tuple[int, int]:
    """The incident's number and version that a button carries."""
    number, _, version = value.partition(":")
    return int(number), int(version or 0)
