"""Briefs: a few sentences about an incident, each resting on named posts.

With a language model configured (any OpenAI-compatible endpoint, or a local transformers model) the model writes; a
sentence that names no post of the incident is thrown away. Without one, or when its answer cannot be used, the brief is
extractive: the measured reasons and the loudest posts, verbatim.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from pydantic import BaseModel, ValidationError

from bot.briefs.prompts import load
from bot.config.environment import Environment
from bot.errors import LocalisedError
from bot.i18n.catalogue import DEFAULT
from bot.i18n.engine_faults import engine_fault
from bot.i18n.localised import LocalisedText
from bot.i18n.reasons import reason
from bot.i18n.speech import Speech
from bot.i18n.zones import written, zone_named
from bot.infra.error_trail import log_expected
from bot.records import Incident, ReadPost
from engine.text.masking import mask

SENTENCES = 5
POSTS = 20
CHARACTERS = 400  # of one post that the model sees
PATIENCE_S = 40.0
PROMPT_SPEECH = Speech(DEFAULT)
"""The prompts are English, whatever language the brief is asked for in."""

Complete = Callable[[Sequence[Mapping[str, str]]], str]
"""Chat messages → the model's answer. Raises WriterError."""

log = structlog.get_logger("tocsin.writer")


class WriterError(LocalisedError):
    """The language model cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence and the ids of the posts that it rests on (never empty)."""

    text: str
    posts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Brief:
    """*written_by* is the model's name, or empty for an extractive brief; *fault* says why a model was not used."""

    sentences: tuple[Sentence, ...]
    written_by: str = ""
    fault: LocalisedText | None = None


class _Said(BaseModel):
    text: str
    posts: list[str]


class _Answer(BaseModel):
    sentences: list[_Said]


class BriefWriter:
    """*complete* asks the language model called *name*; without one every brief is extractive."""

    def __init__(self, complete: Complete | None = None, *, name: str = "") -> None:
        self._complete, self._name = complete, name

    def brief(self, incident: Incident, posts: Sequence[ReadPost], *, language: str) -> Brief:
        """Tell what happens in *language*. *posts* are the incident's, the loudest first."""
        extract = extractive(incident, posts, language=language)
        if self._complete is None or not posts:
            return Brief(sentences=extract)
        labels = {f"p{number}": post.post.id for number, post in enumerate(posts[:POSTS], 1)}
        try:
            answer = self._complete(messages(incident, posts[:POSTS], language=language))
            return Brief(sentences=checked(answer, labels), written_by=self._name)
        except WriterError as error:
            log_expected(log.warning, "brief_not_written", error, incident=incident.id)
            return Brief(sentences=extract, fault=error.text)


def messages(incident: Incident, posts: Sequence[ReadPost], *, language: str) -> list[dict[str, str]]:
    """The prompt for *incident*; personal data of the posts is masked before it leaves Tocsin."""
    zone = zone_named(incident.policy.timezone)
    shown = [
        {
            "label": f"p{number}",
            "source": _harmless(read.post.source),
            "time": written(read.post.published, zone),
            "text": _harmless(mask(read.post.body[:CHARACTERS])),
        }
        for number, read in enumerate(posts, 1)
    ]
    return load("incident_brief").render(
        language=Speech(language).say("language.prompt"),
        topic=incident.topic,
        level=PROMPT_SPEECH.colour(incident.level),
        opened=written(incident.opened_at, zone),
        reasons=[reason(signal, PROMPT_SPEECH) for signal in incident.reasons],
        posts=shown,
        sentences=SENTENCES,
    )


def _harmless(text: str) -> str:
    """No post can close its own element or open another one."""
    return text.replace("<", "‹").replace(">", "›").replace('"', "”")


def checked(answer: str, labels: Mapping[str, str]) -> tuple[Sentence, ...]:
    """The sentences of *answer* that rest on posts in *labels*; WriterError if none is left."""
    start, end = answer.find("{"), answer.rfind("}")
    try:
        said = _Answer.model_validate(json.loads(answer[start : end + 1]))
    except (ValueError, ValidationError) as error:
        raise WriterError("writer.form") from error
    kept = [
        Sentence(text=one.text.strip(), posts=tuple(labels[label] for label in one.posts if label in labels))
        for one in said.sentences[:SENTENCES]
        if one.text.strip() and any(label in labels for label in one.posts)
    ]
    if not kept:
        raise WriterError("writer.no_posts")
    return tuple(kept)


def extractive(incident: Incident, posts: Sequence[ReadPost], *, language: str) -> tuple[Sentence, ...]:
    """The measured reasons, then the loudest posts in their own words."""
    speech = Speech(language)
    known = tuple(post.post.id for post in posts)
    sentences = [
        Sentence(text=reason(signal, speech), posts=signal.evidence or known[:3])
        for signal in incident.reasons[:2]
        if signal.evidence or known
    ]
    for read in posts[: SENTENCES - len(sentences)]:
        quote = " ".join(mask(read.post.body).split())
        quote = quote if len(quote) <= 140 else quote[:139] + "…"
        where = f" ({read.post.source})" if read.post.source else ""
        text = f"“{quote}”{where}"
        sentences.append(Sentence(text=text, posts=(read.post.id,)))
    return tuple(sentences)


def make(environment: Environment) -> BriefWriter:
    """The writer that the environment asks for: an endpoint, a local model, or none."""
    if environment.llm_url:
        return BriefWriter(_endpoint(environment), name=environment.llm_model)
    if environment.llm_model:
        return BriefWriter(_local(environment.llm_model), name=environment.llm_model)
    return BriefWriter()


def _endpoint(environment: Environment) -> Complete:
    try:
        from openai import OpenAI, OpenAIError
    except ModuleNotFoundError as error:
        raise WriterError("writer.package") from error
    if not environment.llm_model:
        raise WriterError("writer.no_model")
    client = OpenAI(
        base_url=environment.llm_url,
        api_key=environment.llm_key.get_secret_value() or "none",
        timeout=PATIENCE_S,
        max_retries=1,
    )

    def complete(messages: Sequence[Mapping[str, str]]) -> str:
        try:
            answer = client.chat.completions.create(
                model=environment.llm_model,
                messages=list(messages),  # type: ignore[arg-type]  # roles are plain strings here
                temperature=0.2,
            )
        except OpenAIError as error:
            raise WriterError("writer.silent", why=type(error).__name__) from error
        return answer.choices[0].message.content or "" if answer.choices else ""

    return complete


def _local(name: str) -> Complete:
    """A transformers model, loaded when it is first asked."""
    from functools import lru_cache

    from engine.errors import EngineError

    @lru_cache(maxsize=1)
    def generator() -> Complete:
        from engine.model.generator import Generator

        return Generator.open(name).complete

    def complete(messages: Sequence[Mapping[str, str]]) -> str:
        try:
            return generator()(messages)
        except EngineError as error:
            raise WriterError("writer.broken", why=engine_fault(error)) from error

    return complete
