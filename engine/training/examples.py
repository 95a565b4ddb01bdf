"""Labelled files become examples with one label set: the product's own.

The public sets name their labels differently and are silent about most tasks. A label that a set does not know is
*unknown*, not negative: it is masked in the loss.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.post import RISKS

OWN = Path(__file__).resolve().parent / "data"
"""The risk examples that were written for Tocsin: public sets are thin on most of the taxonomy."""

SENTIMENT = {"negative": 0, "neutral": 1, "positive": 2}
UNKNOWN = -1

ENTITY_KINDS = {
    "PER": "person", "person": "person", "name": "person", "PER.NAM": "person",
    "ORG": "organisation", "organization": "organisation", "organisation": "organisation", "company": "organisation",
    "government": "organisation", "group": "organisation", "corporation": "organisation", "ORG.NAM": "organisation",
    "LOC": "location", "location": "location", "address": "location", "scene": "location",
    "GPE.NAM": "location", "LOC.NAM": "location",
    "product": "product", "creative-work": "product", "game": "product", "book": "product", "movie": "product",
}  # fmt: skip
"""Types of the public sets → ours. What is not named (positions, miscellanea, nominal mentions) is dropped."""

CRISIS_RISKS = {
    "Earthquake": "disaster", "Wildfire": "disaster", "Floods": "disaster", "Typhoon": "disaster",
    "Meteorite": "disaster", "Shootings": "violence", "Bombings": "violence", "Fire": "accident",
    "Derailment": "accident", "Explosion": "accident", "Collapse": "accident", "Haze": "disaster",
}  # fmt: skip

EVENT_RISKS = {
    "死亡": "injury", "交通事故": "accident", "车祸": "accident", "火灾": "accident", "起火": "accident",
    "爆炸": "accident", "坠机": "accident", "坍/垮塌": "accident", "地震": "disaster", "洪灾": "disaster",
    "食物中毒": "health", "恐怖袭击": "violence", "袭击": "violence", "拘捕": "legal", "约谈": "legal",
    "罚款": "legal", "起诉": "legal", "开庭": "legal", "入狱": "legal", "立案": "legal", "召回": "product",
    "下架": "product", "裁员": "labour", "解雇": "labour", "罢工": "labour", "游行": "boycott", "停职": "conduct",
    "出轨": "conduct", "跌停": "finance",
}  # fmt: skip
"""The last part of a DuEE or CEC event type → risk; event types that are not named carry none."""

HARM = re.compile(r"死|伤|遇难|身亡|丧生|不幸|dead|die[sd]?\b|death|kill|injur|wound|casualt|victim|hospital", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A text with whatever is known of it. ``risks`` has one of 1, 0, UNKNOWN a risk; ``entities`` None = unknown."""

    text: str
    source: str
    lang: str = ""
    target: str = ""
    sentiment: int = UNKNOWN
    risks: tuple[int, ...] | None = None
    entities: tuple[tuple[int, int, str], ...] | None = None


def risk_vector(found: set[str], unknown: set[str] = frozenset()) -> tuple[int, ...]:  # type: ignore[assignment]
    """One number for each of RISKS: 1 if *found*, UNKNOWN if *unknown*, else 0."""
    return tuple(1 if risk in found else UNKNOWN if risk in unknown else 0 for risk in RISKS)


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a JSONL file; a broken line is named with its number."""
    return (row for _, row in numbered_rows(path))


def numbered_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The same with the number of each line, from 1."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _row(line, path, number)
    except UnicodeDecodeError as error:
        raise EngineError("data.not_utf8", path=path, why=error.reason, byte=error.start) from error
    except OSError as error:
        raise EngineError("data.unreadable", path=path, why=error.strerror) from error


def _row(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise EngineError("data.not_json", path=path, line=str(number), why=error.msg) from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise EngineError("data.no_text", path=path, line=str(number))
    return row


def read_examples(
    path: Path, reader: Callable[[Mapping[str, Any]], Example]
) -> Iterator[tuple[dict[str, Any], Example]]:
    """Each row of *path* with its example; a label that does not fit is named with its line."""
    for number, row in numbered_rows(path):
        try:
            yield row, reader(row)
        except EngineError as error:
            raise EngineError("data.line", path=path, line=str(number), why=error.note) from error


def sentiment_example(row: Mapping[str, Any]) -> Example:
    """A row of a sentiment file: the whole text's mood. What is praised is taken to hold no risk."""
    label = _sentiment(row)
    calm = risk_vector(set()) if label == SENTIMENT["positive"] else None
    return _example(row, sentiment=label, risks=calm)


def target_example(row: Mapping[str, Any]) -> Example:
    """A row of a target file: the mood toward *target*."""
    return _example(row, target=str(row.get("target", "")), sentiment=_sentiment(row))


def title_example(row: Mapping[str, Any]) -> Example:
    """A row of a file of titles: mood toward *target* and the risks that are known of it."""
    return _example(
        row,
        target=str(row.get("target", "")),
        sentiment=_sentiment(row),
        risks=risk_vector(_known(row)),
    )


def risk_example(row: Mapping[str, Any]) -> Example:
    """A row of a risk file; its mood too, where it has a label."""
    label = _sentiment(row) if "label" in row else UNKNOWN
    return _example(row, target=str(row.get("target", "")), sentiment=label, risks=risk_vector(_known(row)))


def ner_example(row: Mapping[str, Any]) -> Example:
    """A row of an entity file. Raises EngineError where an entity lies outside the text."""
    listed = row.get("entities", [])
    if not isinstance(listed, list) or not all(_is_span(item, len(row["text"])) for item in listed):
        raise EngineError("data.entities")
    spans = tuple(
        (int(item["start"]), int(item["end"]), ENTITY_KINDS[item["type"]])
        for item in listed
        if item["type"] in ENTITY_KINDS
    )
    return _example(row, entities=spans)


def _is_span(item: Any, length: int) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        return False
    start, end = item.get("start"), item.get("end")
    return isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= length


def crisis_example(row: Mapping[str, Any]) -> Example:
    """CrisisLexT26 (labels a whole event) and DuEE/CEC (label each text)."""
    if "event" not in row:
        kinds = {str(kind).split("-")[-1] for kind in row["types"]}
        found = {EVENT_RISKS[kind] for kind in kinds if kind in EVENT_RISKS}
        if found & {"accident", "disaster", "violence"} and HARM.search(row["text"]):
            found.add("injury")
        return _example(row, risks=risk_vector(found))
    if row["informative"] != "Related and informative":
        related = row["informative"] != "Not related"
        return _example(row, risks=None if related else risk_vector(set()))
    found = {CRISIS_RISKS[row["type"]]} if row["type"] in CRISIS_RISKS else set()
    if HARM.search(row["text"]) and row["information"] == "Affected individuals":
        found.add("injury")
    return _example(row, risks=risk_vector(found, unknown={"service", "legal", "conduct", "rumour"}))


READERS: dict[str, Callable[[Mapping[str, Any]], Example]] = {
    "sentiment": sentiment_example,
    "target": target_example,
    "titles": title_example,
    "risk": risk_example,
    "ner": ner_example,
    "crisis": crisis_example,
}
"""The first word of a file's name says which task it is for."""


def load_folder(folder: Path, part: str) -> list[Example]:
    """Every labelled file of *folder* whose name ends in *part* (``train``, ``dev``); titles and risks are split by row
    hash, a tenth for dev, since they come in one file."""
    examples: list[Example] = []
    for path in sorted(folder.glob("*.jsonl")):
        task, whole = path.stem.split("_")[0], not path.stem.endswith(("_train", "_dev"))
        if task not in READERS or not (whole or path.stem.endswith("_" + part)):
            continue
        examples += (
            example
            for row, example in read_examples(path, READERS[task])
            if not whole or in_part(str(row.get("scenario") or row.get("target") or row["text"]), part)
        )
    if not examples:
        raise EngineError("data.no_folder", folder=folder, part=part)
    return examples


def in_part(key: str, part: str) -> bool:
    """A tenth of the keys (scenarios, brands) is held back for ``dev``, the same tenth on every machine."""
    held_back = sum(key.encode()) % 10 == 0
    return held_back == (part == "dev")


def _example(row: Mapping[str, Any], **labels: Any) -> Example:
    text = row["text"] if labels.get("entities") is not None else html.unescape(row["text"])
    return Example(text=text, source=str(row.get("source", "")), lang=str(row.get("lang") or ""), **labels)


def _sentiment(row: Mapping[str, Any]) -> int:
    label = str(row.get("label", "")).lower()
    if label not in SENTIMENT:
        raise EngineError("data.label", label=row.get("label"))
    return SENTIMENT[label]


def _known(row: Mapping[str, Any]) -> set[str]:
    labels = row.get("labels")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise EngineError("data.risks")
    unknown = set(labels) - set(RISKS)
    if unknown:
        raise EngineError("data.risk", risk=min(unknown), known=", ".join(RISKS))
    return set(labels)
