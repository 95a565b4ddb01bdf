"""The form of a new topic at work: opened, previewed, saved. Runs in threads of our own."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from functools import partial

import structlog

from bot.desk.access import BarredError
from bot.desk.drafts import Draft
from bot.errors import TocsinError, worded
from bot.i18n.speech import Speech
from bot.infra.error_trail import log_expected
from bot.infra.patience import SAVING_S, hurried
from bot.slack import commands
from bot.slack.directory import FAULTS
from bot.slack.executor import Executor
from bot.slack.forms import forms
from bot.slack.forms.preview_page import preview_page
from bot.slack.render import messages
from bot.slack.render.blocks import Block
from bot.slack.render.escape import escaped
from bot.slack.requests import SlackRequest
from engine.errors import EngineError

log = structlog.get_logger("tocsin.slack")


class TopicForm:
    def __init__(self, executor: Executor) -> None:
        self._executor, self._gate = executor, executor.gate

    def open(self, asked: SlackRequest, speech: Speech) -> None:
        """Open the form for a new topic, unless the person may not add any."""
        self._gate.desk_for(asked, hurried=True).adding.check(asked.user, asked.origin, unsure=True)
        wanted = commands.parse(asked.text)
        name = wanted.name if isinstance(wanted, commands.AddTopic) else ""
        channel = self._executor.desk.default_channel
        usable = channel if channel[:1] in "CG" and channel.isalnum() and channel.isupper() else ""
        view = forms.add(speech, name=name, channel=usable, policies=self._executor.desk.policies())
        self._executor.open(asked, view)

    def save(self, asked: SlackRequest, speech: Speech, *, draft: Draft, page: Future[Block]) -> None:
        """Save a new topic; *page* then holds the page that says what came of it."""
        try:
            with hurried(SAVING_S):
                added = self._gate.desk_for(asked).adding.add(draft, by=asked.user, origin=asked.origin)
            text = messages.added(added, speech)
        except BarredError as error:
            text = self._gate.answer(error, speech).text
        except (TocsinError, EngineError) as error:
            text = speech.say("form.add.not_saved", reason=escaped(worded(error, speech)))
        page.set_result(forms.page(speech.say("form.add.title"), text, speech))

    def preview(self, asked: SlackRequest, speech: Speech, *, query: str) -> None:
        """Push a page that says it is looking, and put what is found into it."""
        adding = self._gate.desk_for(asked, hurried=True).adding
        adding.check(asked.user, asked.origin, unsure=True)
        waiting = forms.page(speech.say("preview.title"), speech.say("preview.looking"), speech)
        view = self._executor.client.views_push(trigger_id=asked.trigger, view=waiting)["view"]["id"]
        later = replace(asked, event=f"{asked.event}:{view}")
        self._executor.take(later, partial(self._looked_through, query=query, view=view))

    def _looked_through(self, asked: SlackRequest, speech: Speech, *, query: str, view: str) -> None:
        adding = self._gate.desk_for(asked).adding
        try:
            fault = adding.query_fault(query)
            page = preview_page(adding.preview(query), speech) if fault is None else None
            said = forms.errors({"query": fault}, query, speech)["query"] if fault else ""
        except (TocsinError, EngineError) as error:
            page, said = None, worded(error, speech)
        self.show(view, page or forms.page(speech.say("preview.title"), escaped(said), speech))

    def show(self, view_id: str, page: Block) -> None:
        """Put *page* into the form that still says that it is saving, unless the person has closed it."""
        try:
            self._executor.client.views_update(view_id=view_id, view=page)
        except FAULTS as error:
            log_expected(log.info, "form_not_updated", error)
