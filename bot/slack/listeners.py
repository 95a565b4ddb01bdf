"""What Slack brings, handed on: each listener acknowledges and passes the work to the executor's threads.

An act is kept before it is acknowledged; a question is acknowledged at once.
"""

from __future__ import annotations

import re
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from functools import partial

from slack_bolt import Ack, App

from bot.i18n.speech import Speech
from bot.records import ActKind
from bot.slack import commands
from bot.slack.act_lane import Act
from bot.slack.executor import Executor
from bot.slack.forms import act_forms, forms
from bot.slack.forms.form_parts import carried_by
from bot.slack.forms.topic_form import TopicForm
from bot.slack.handlers import Handlers
from bot.slack.render import barred, cards
from bot.slack.render.blocks import Block
from bot.slack.render.parts import COMMAND
from bot.slack.requests import Body, SlackRequest, request_of
from bot.slack.team_talk import TeamTalk

CLICK, STILL, TYPED, FILLED, MARKED = "click", "still", "typed", "filled", "marked"
"""What acts are kept under, until they are done: a later version must know these names."""


class Listeners:
    def __init__(self, executor: Executor) -> None:
        self._executor, self._handlers, self._talk = executor, Handlers(executor), TeamTalk(executor)
        self._topic_form = TopicForm(executor)

    def register(self, app: App) -> None:
        self._executor.acts.can(self._acts() | self._talk.acts)
        self._talk.register(app)
        app.command(COMMAND)(self.command)
        app.action(cards.ACKNOWLEDGE)(self.acknowledge)
        app.action(cards.RESOLVE)(self.resolve)
        app.action(cards.STILL_ON_IT)(self.still_on_it)
        app.action(cards.CLOSE)(self.close)
        app.action(cards.REOPEN)(self.reopen)
        app.action(cards.USE_POLICY)(self.use_policy)
        app.action(cards.MORE)(self.more)
        app.action(cards.RARE)(self.more)
        app.action(cards.EXPORT)(self.export)
        app.action(cards.POST)(self.post)
        app.action(re.compile(f"^{barred.ASK}"))(self.ask)
        app.action(forms.PREVIEW)(self.preview)
        app.view(forms.ADD)(self.add)
        app.view(act_forms.ACT)(self.act)
        app.view(forms.WRONG)(self.wrong)

    def command(self, ack: Ack, body: Body) -> None:
        asked = request_of(body)
        wanted = commands.parse(asked.text)
        if isinstance(wanted, commands.ActOn) and not commands.asks_more(wanted):
            self._executor.acts.take(asked, TYPED)
            ack()
            return
        ack()
        form = isinstance(wanted, commands.AddTopic | commands.ActOn)
        work = self._topic_form.open if isinstance(wanted, commands.AddTopic) else self._handlers.command
        self._executor.take(asked, work, urgent=form)

    def acknowledge(self, ack: Ack, body: Body) -> None:
        self._click(body, ActKind.ACKNOWLEDGE)
        ack()

    def resolve(self, ack: Ack, body: Body) -> None:
        self._click(body, ActKind.RESOLVE)
        ack()

    def close(self, ack: Ack, body: Body) -> None:
        """Resolve on the card of a grave incident: it is asked for its reason first."""
        ack()
        number, version = _incident(body["actions"][0]["value"])
        work = partial(self._handlers.act_form, kind=ActKind.RESOLVE, number=number, version=version)
        self._executor.take(request_of(body), work, urgent=True)

    def reopen(self, ack: Ack, body: Body) -> None:
        self._click(body, ActKind.REOPEN)
        ack()

    def use_policy(self, ack: Ack, body: Body) -> None:
        self._click(body, ActKind.USE_POLICY)
        ack()

    def ask(self, ack: Ack, body: Body) -> None:
        ack()
        number, kind, to = body["actions"][0]["value"].split(":", 2)
        self._executor.take(
            request_of(body), partial(self._handlers.ask, number=int(number), kind=ActKind(kind), to=to)
        )

    def still_on_it(self, ack: Ack, body: Body) -> None:
        number, version = _incident(body["actions"][0]["value"])
        self._executor.acts.take(request_of(body), STILL, number=number, version=version)
        ack()

    def more(self, ack: Ack, body: Body) -> None:
        chosen, _, value = body["actions"][0]["selected_option"]["value"].partition(":")
        if chosen == cards.EXPORT:
            self._export(ack, body, value)
            return
        kind, (number, version) = ActKind(chosen), _incident(value)
        if not act_forms.asks_more(kind):
            self._executor.acts.take(request_of(body), CLICK, kind=kind.value, number=number, version=version)
            ack()
            return
        ack()
        work = partial(self._handlers.act_form, kind=kind, number=number, version=version)
        self._executor.take(request_of(body), work, urgent=True)

    def export(self, ack: Ack, body: Body) -> None:
        self._export(ack, body, body["actions"][0]["value"])

    def post(self, ack: Ack, body: Body) -> None:
        ack()
        chosen, number, post = body["actions"][0]["selected_option"]["value"].split(":", 2)
        work = self._handlers.why if chosen == cards.WHY else self._handlers.wrong_form
        asks_more = chosen == cards.WRONG
        self._executor.take(request_of(body), partial(work, number=int(number), post=post), urgent=asks_more)

    def wrong(self, ack: Ack, body: Body) -> None:
        self._executor.acts.take(_filled_in(body), MARKED, **_sent(body))
        ack()

    def add(self, ack: Ack, body: Body) -> None:
        view = body["view"]
        draft, asked = forms.draft(view["state"]["values"]), request_of(body, event=view["id"] + view["hash"])
        speech, found = Speech(carried_by(view)["language"]), self._executor.faults(draft)
        if found:
            ack(response_action="errors", errors=forms.errors(found, draft.query, speech))
            return
        page: Future[Block] = Future()
        self._executor.take(asked, partial(self._topic_form.save, draft=draft, page=page))
        try:  # in the ack itself: an update of the form might overtake the ack, and be overwritten by it
            ack(response_action="update", view=page.result(self._executor.patience))
        except Late:
            ack(response_action="update", view=forms.saving(speech))
            page.add_done_callback(lambda made: self._topic_form.show(view["id"], made.result()))

    def preview(self, ack: Ack, body: Body) -> None:
        """Look through the stored posts before the topic is saved: a page over the form says what came of it."""
        ack()
        query = forms.draft(body["view"]["state"]["values"]).query
        self._executor.take(request_of(body), partial(self._topic_form.preview, query=query), urgent=True)

    def act(self, ack: Ack, body: Body) -> None:
        self._executor.acts.take(_filled_in(body), FILLED, **_sent(body))
        ack()

    def _export(self, ack: Ack, body: Body, value: str) -> None:
        ack()
        self._executor.take(request_of(body), partial(self._handlers.export, number=_incident(value)[0]))

    def _click(self, body: Body, kind: ActKind) -> None:
        number, version = _incident(body["actions"][0]["value"])
        self._executor.acts.take(request_of(body), CLICK, kind=kind.value, number=number, version=version)

    def _acts(self) -> dict[str, Act]:
        """What the act lane can do: each act by the name that it is kept under until it is done."""
        do = self._handlers
        return {
            CLICK: lambda asked, speech, of: do.click(
                asked, speech, kind=ActKind(of["kind"]), number=of["number"], version=of["version"]
            ),
            STILL: lambda asked, speech, of: do.still_on_it(asked, speech, **of),
            TYPED: lambda asked, speech, of: do.command(asked, speech),
            FILLED: lambda asked, speech, of: do.filled(asked, speech, form=act_forms.filled(of)),
            MARKED: lambda asked, speech, of: do.wrong(asked, speech, form=forms.marked(of)),
        }


def _filled_in(body: Body) -> SlackRequest:
    """Who sent a form, answered where it was opened."""
    carried = carried_by(body["view"])
    place, channel = str(carried.get("place", "")), str(carried.get("channel", ""))
    return request_of(body, event=body["view"]["id"], url=place, channel=channel)


def _sent(body: Body) -> Body:
    """Of a form that was sent, what must be known to read it."""
    view = body["view"]
    return {"private_metadata": view["private_metadata"], "state": view["state"]}


def _incident(value: str) -> tuple[int, int]:
    """The incident's number and version that a button carries."""
    number, _, version = value.partition(":")
    return int(number), int(version or 0)
