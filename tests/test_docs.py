"""The papers keep up with the code: each command, setting and variable stands in the paper of those who need it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bot.cli import app
from bot.config import schema
from bot.config.environment import Environment
from bot.config.settings import Settings
from bot.i18n.catalogue import LANGUAGES, templates
from bot.slack.commands import VERBS

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 160
"""README is a door, not a house."""

ROOMS = ("bot", "engine", "deploy", "prompts")
PAPERS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(paper for room in ROOMS for paper in (ROOT / room).rglob("*.md")))
)
DECISIONS = [paper for paper in PAPERS if re.search(r"/decisions/\d", paper)]
PARTS = ("## Context", "## Decision", "## What was tried")
FIGURES = ("tocsin bench detection", "tocsin bench engine", "tocsin bench queries", "tocsin bench stories",
           "tocsin detect", "tocsin evaluate")  # fmt: skip
"""The commands that give the figures of the engine's paper."""

SECTIONS = {
    "channels": schema.ChannelPart,
    "people": schema.PersonPart,
    "roles": schema.RolesPart,
    "policies": schema.PolicyPart,
    "queries": schema.QueryPart,
    "topics": schema.TopicPart,
    "sources": schema.SourcePart,
}
HAN = re.compile(r"[\u3400-\u9fff]")
LINK = re.compile(r"(?<!`)\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
MODULE = re.compile(r"`((?:bot|engine|tests|deploy|prompts)/[\w./*-]+)`")
CALL = re.compile(r"`([\w/]+\.py)` (?:has |)((?:`\w+(?:\.\w+)?`(?: and |))+)")


def text(paper: str) -> str:
    return (ROOT / paper).read_text(encoding="utf-8")


OPERATORS, ENGINE, README, CONTRIBUTING = map(
    text, ("deploy/README.md", "engine/README.md", "README.md", "CONTRIBUTING.md")
)
GUIDES = {language: text(f"bot/guide/{language}.md") for language in LANGUAGES}


def section(paper: str, heading: str) -> str:
    """What stands under *heading*, up to the next one of its rank or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,2}} |\Z)", paper, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section “{heading}”"
    return found[2]


def commands(group: Any, name: str = "tocsin") -> Iterator[tuple[str, Any]]:
    """Every command of the command line with its full name."""
    for part, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name} {part}")
        else:
            yield f"{name} {part}", command


COMMANDS = dict(commands(get_command(app)))
PARAMETERS = [parameter for command in COMMANDS.values() for parameter in command.params]
OPTIONS = sorted({tuple(one.opts + one.secondary_opts) for one in PARAMETERS if one.opts[0].startswith("--")})


def variables() -> set[str]:
    """Every environment variable that the code or the image names."""
    named = {str(field.validation_alias) for field in Environment.model_fields.values()}
    files = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "engine").rglob("*.py"), ROOT / "deploy/Dockerfile"]
    for path in files:
        named |= set(re.findall(r"\bTOCSIN_[A-Z]+(?:_[A-Z]+)*\b", path.read_text(encoding="utf-8")))
    return named - {"TOCSIN_WEBHOOK_SECRET_APP_REVIEWS"}


def slugs(paper: str) -> set[str]:
    """The anchors of *paper*'s headings, as GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for _, title in HEADING.findall(text(paper))}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_in_the_operators_paper(command: str) -> None:
    assert f"`{command}`" in section(OPERATORS, "All commands")


@pytest.mark.parametrize("names", OPTIONS, ids=lambda names: names[0])
def test_every_option_is_in_a_paper_of_its_users(names: tuple[str, ...]) -> None:
    assert any(re.search(rf"{name}\b", OPERATORS + ENGINE) for name in names)


@pytest.mark.parametrize("variable", sorted(variables()))
def test_every_environment_variable_is_in_the_operators_paper(variable: str) -> None:
    assert f"`{variable}`" in section(OPERATORS, "Environment variables")


@pytest.mark.parametrize("key", sorted(Settings.model_fields))
def test_every_part_of_the_settings_is_in_the_operators_paper(key: str) -> None:
    assert f"| `{key}` |" in section(OPERATORS, "Settings")


@pytest.mark.parametrize(("part", "key"), [(part, key) for part, kind in SECTIONS.items() for key in kind.model_fields])
def test_every_key_of_the_settings_stands_under_its_part(part: str, key: str) -> None:
    under = section(OPERATORS, "Settings").split(f"**{part}**")[1].split("\n**")[0]
    assert f"`{key}`" in under


@pytest.mark.parametrize("key", sorted(schema.StepPart.model_fields))
def test_the_keys_of_a_policys_steps_are_explained(key: str) -> None:
    assert f"`{key}`" in section(OPERATORS, "Settings").split("| `steps` |")[1].split("\n")[0]


@pytest.mark.parametrize("kind", schema.KINDS)
def test_every_kind_of_source_is_explained(kind: str) -> None:
    assert f"`{kind}`" in section(OPERATORS, "Settings")


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_slash_command_is_in_both_guides_under_its_name_in_both_languages(verb: str) -> None:
    chinese = next(word for word in VERBS[verb] if HAN.search(word))
    for language, own, other in (("en", verb, chinese), ("zh", chinese, verb)):
        assert re.search(rf"^\| `/opinion {own}[ `].*\| `{other}[ `]", GUIDES[language], re.MULTILINE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("button", sorted(key for key in templates("en") if key.startswith("button.")))
def test_every_button_is_in_the_guide_as_it_stands_on_the_card(language: str, button: str) -> None:
    assert templates(language)[button] in GUIDES[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guides_have_the_same_sections_tables_and_pictures(language: str) -> None:
    def shape(guide: str) -> tuple[list[int], int, int, int]:
        ranks = [len(marks) for marks, _ in HEADING.findall(guide)]
        return ranks, guide.count("\n|"), guide.count("\n- "), guide.count("![")

    assert shape(GUIDES[language]) == shape(GUIDES["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_readme_leads_to_the_guide_of_every_language(language: str) -> None:
    assert f"(bot/guide/{language}.md)" in README


@pytest.mark.parametrize("command", FIGURES)
def test_every_command_that_gives_figures_is_in_the_engines_paper(command: str) -> None:
    assert command in COMMANDS
    assert f"`{command}" in ENGINE


@pytest.mark.parametrize("command", ["make demo", "make test", "tocsin init", "tocsin check", "tocsin run"])
def test_readme_names_the_commands_that_one_begins_with(command: str) -> None:
    assert README.count(command) >= 2  # once for each language


def test_readme_stays_short() -> None:
    assert len(README.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("paper", PAPERS)
def test_links_between_papers_lead_somewhere(paper: str) -> None:
    for target in LINK.findall(text(paper)):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        led = ((ROOT / paper).parent / path).resolve() if path else ROOT / paper
        assert led.exists(), f"{paper} leads to {target}"
        if anchor:
            assert anchor in slugs(led.relative_to(ROOT).as_posix()), f"{paper} leads to {target}"


@pytest.mark.parametrize("paper", [paper for paper in PAPERS if paper != "CHANGELOG.md"])
def test_modules_that_a_paper_names_exist(paper: str) -> None:
    missing = [path for path in MODULE.findall(text(paper)) if not list(ROOT.glob(path.rstrip("/")))]
    assert not missing


@pytest.mark.parametrize("paper", DECISIONS)
def test_a_decision_has_its_title_date_status_and_parts(paper: str) -> None:
    number, told = Path(paper).name[:4], text(paper)
    assert told.startswith(f"# {number} · ")
    assert re.search(r"^- Date: \d{4}-\d\d-\d\d$", told, re.MULTILINE)
    assert re.search(r"^- Status: (accepted|superseded by \[\d{4}\]\(.+\))$", told, re.MULTILINE)
    assert [line for line in told.splitlines() if line.startswith("## ")] == list(PARTS)
    assert all(section(told, part.removeprefix("## ")).strip() for part in PARTS)


@pytest.mark.parametrize("paper", DECISIONS)
def test_a_decision_is_in_the_index_of_its_folder_with_its_title_and_status(paper: str) -> None:
    path, told = Path(paper), text(paper)
    title = told.splitlines()[0].split(" · ", 1)[1]
    status = told.split("- Status: ")[1].splitlines()[0]
    head = f"| [{path.name[:4]}]({path.name}) |"
    row = next(line for line in text(f"{path.parent}/README.md").splitlines() if line.startswith(head))
    assert f"| {title} |" in row
    assert row.endswith(f"| {status} |")


@pytest.mark.parametrize("folder", ["bot/decisions", "engine/decisions"])
def test_decisions_are_numbered_without_a_gap(folder: str) -> None:
    numbers = [int(Path(paper).name[:4]) for paper in DECISIONS if paper.startswith(folder)]
    assert numbers == list(range(1, len(numbers) + 1))


WALKS = re.findall(r"^### (A .+?)\n(.*?)(?=^###? |\Z)", CONTRIBUTING, re.MULTILINE | re.DOTALL)


def test_there_are_three_walks_of_ten_steps() -> None:
    steps = [len(re.findall(r"^\d+\. ", walk, re.MULTILINE)) for _, walk in WALKS]
    assert steps == [10, 10, 10]


@pytest.mark.parametrize("walk", [walk for _, walk in WALKS], ids=[title.split(":")[0] for title, _ in WALKS])
def test_a_walk_names_calls_that_are_where_it_says(walk: str) -> None:
    for path, names in CALL.findall(walk):
        code = text(path)
        for name in re.findall(r"`(\w+(?:\.\w+)?)`", names):
            for part in name.split("."):
                assert re.search(rf"^\s*(?:def|class) {part}\b", code, re.MULTILINE), f"{path} has no {name}"


@pytest.mark.parametrize("walk", [walk for _, walk in WALKS], ids=[title.split(":")[0] for title, _ in WALKS])
def test_a_walk_names_methods_that_exist(walk: str) -> None:
    code = [path.read_text(encoding="utf-8") for room in ("bot", "engine") for path in (ROOT / room).rglob("*.py")]
    for owner, method in re.findall(r"`([A-Z]\w+)\.(\w+)`", walk):
        assert any(f"class {owner}" in one and f"def {method}(" in one for one in code), f"{owner}.{method}"


@pytest.mark.parametrize(
    "room",
    sorted(
        f"{half}/{path.name}"
        for half in ("bot", "engine")
        for path in (ROOT / half).iterdir()
        if path.is_dir()
        and not path.name.startswith(("_", "."))
        and any(each.name != "__pycache__" for each in path.iterdir())
    ),
)
def test_every_room_stands_in_the_tree_under_its_half(room: str) -> None:
    half, _, name = room.partition("/")
    tree = (
        section(CONTRIBUTING, "The rooms")
        .split(f"\n{half}/ ")[1]
        .split("\nbot/" if half == "engine" else "\nprompts/")[0]
    )
    assert re.search(rf"\s{name}/\s", tree)
