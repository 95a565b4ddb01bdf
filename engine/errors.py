"""The one root of the errors that the engine raises on purpose, and what they say to those who use it alone.

An error holds a code and values, as all that the engine gives does. Who speaks another language words its ``note``.
"""

from __future__ import annotations

import copyreg
from collections.abc import Mapping
from typing import Any

from engine.post import Note

SENTENCES: Mapping[str, str] = {
    "data.task": '"{task}" cannot be evaluated: use one of {known}.',
    "data.no_file": "There is no file {path}.",
    "data.no_folder": "{folder}: no labelled *.jsonl file for {part} was found there.",
    "data.no_row": "{path} holds no row.",
    "data.not_utf8": "{path} is not UTF-8 text: {why} at byte {byte}.",
    "data.unreadable": "{path} cannot be read: {why}.",
    "data.line": "{path}: line {line}: {why}",
    "data.not_json": "{path}: line {line} is not JSON: {why}.",
    "data.no_text": '{path}: line {line} has no "text".',
    "data.label": 'The label "{label}" is not known: use negative, neutral or positive.',
    "data.risks": '"labels" must be a list of risks; an empty list says that there is none.',
    "data.risk": 'The risk "{risk}" is not known: use one of {known}.',
    "data.entities": '"entities" must be a list of {{"start", "end", "type"}} with characters inside the text.',
    "data.entity_type": 'The type "{type}" is not known: use one of {known}.',
    "data.no_cluster": 'Every row needs a "cluster".',
    "data.no_target": 'There is no "target": whom is the sentiment toward?',
    "model.no_file": (
        'The model "{name}" has no {file}: it is neither a folder with a model nor a name that the hub knows.'
    ),
    "model.config": 'The config.json of the model "{name}" is not readable: {why}.',
    "model.damaged": "The weights in {path} are damaged or incomplete ({why}). Fetch the file again.",
    "model.other_version": "The weights in {path} lack {part}: they belong to another version.",
    "model.tokenizer": 'The tokenizer of the model "{name}" cannot be loaded: {why}.',
    "model.slow_tokenizer": 'The model "{name}" has no fast tokenizer, which bulk reading needs.',
    "model.classifier": 'The model "{name}" cannot be loaded as a classifier: {why}.',
    "model.labels": (
        'The model "{name}" is no sentiment classifier that Tocsin understands: '
        'its label "{label}" is none of negative, neutral, positive or stars.'
    ),
    "model.generator": 'The language model "{name}" cannot be loaded: {why}.',
    "model.memory": "The graphics memory is too small for a single post: free some, or read on the CPU.",
    "model.precision": 'There is no precision "{precision}": choose one of {known}.',
    "model.int8": "Precision int8 needs a CPU with 8-bit products, and a Tocsin model: choose auto.",
    "series.count": "A count is a number from zero up, not {value}.",
    "series.share": "{value} of {of} posts is no share.",
    "series.order": "The times must rise from line to line.",
    "series.step": "The counts must be at least one second and at most one hour apart.",
    "series.budget": "A budget is a number of false alarms a day from {least} to {most}, not {budget}.",
    "series.budget_or_signal": "A budget holds for everything together: name no signal with it.",
    "series.signal": "There is no signal “{signal}” here. There are: {known}.",
    "state.foreign": "These bytes are no watch.",
    "state.version": "The stored state of this topic was written by another version of Tocsin.",
    "training.task": '"{task}" is nothing that can be learned: use one of {known}.',
    "training.empty": "{path} is empty: it needs one labelled text a line.",
    "training.no_label": (
        '{path}: line {line} has no label. A row is {{"text", "label"}} (sentiment), {{"text", "target", "label"}}, '
        '{{"text", "labels": [risks]}} or {{"text", "entities": [{{"start", "end", "type"}}]}}.'
    ),
    "training.few": (
        "There are {count} different labelled texts; at least {least} are needed, of which {held_out} are held back "
        "to tell whether the new model is any better."
    ),
    "training.one_class": (
        'Every row says "{label}": from one class alone a model learns to say nothing else. Add rows of another one.'
    ),
    "training.single": 'A single row says "{label}": add at least one more, or leave it out.',
    "training.same_risks": "Every row has the same risks: add rows with others, and rows with none.",
    "training.no_names": "No row holds a name: there is nothing to learn.",
    "training.classifier": ('The model "{name}" cannot be adapted: it is a classifier, not a model of Tocsin\'s own.'),
    "training.memory": "The GPU has not enough memory for a single text: take a smaller encoder, or the CPU.",
    "training.checkpoint": "{path} is damaged: delete it to begin anew.",
    "training.full": (
        "The disk under {folder} is full. Nothing half-written was left, and the model before it still stands: "
        "make room and give the same command again."
    ),
    "training.unwritable": "{folder} cannot be written: {why}.",
}
"""Code → the English sentence, whose gaps the values fill."""


class EngineError(Exception):
    """A fault that a person can do something about: ``note`` says which, and holds what its sentence needs.

    As a string it is the English sentence. A value that is neither a number nor a note is taken as it prints.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__()
        self.note = Note(code=code, values={name: _plain(value) for name, value in values.items()})

    def __str__(self) -> str:
        return _sentence(self.note)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process gets the same error, whatever its class was made from."""
        return copyreg.__newobj__, (type(self),), self.__dict__  # type: ignore[attr-defined]


def _plain(value: object) -> str | int | float | Note:
    return value if isinstance(value, int | float | Note) else str(value)


def _sentence(note: Note) -> str:
    gaps = {name: _sentence(value) if isinstance(value, Note) else value for name, value in note.values.items()}
    return SENTENCES[note.code].format(**gaps)
