"""What is deployed: at least well formed, and in step with the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from bot.app import ROLES
from bot.config.environment import Environment

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
INSTRUCTIONS = {"ARG", "FROM", "WORKDIR", "RUN", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD"}


@pytest.fixture(scope="module")
def compose() -> dict[str, dict[str, dict[str, object]]]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8")))


def dockerfile() -> list[str]:
    """The instructions, continuation lines joined."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def test_the_dockerfile_holds_only_known_instructions() -> None:
    assert {line.split()[0] for line in dockerfile()} <= INSTRUCTIONS


def test_everything_that_is_copied_exists() -> None:
    for line in dockerfile():
        if line.startswith("COPY ") and "--from" not in line:
            for name in line.split()[1:-1]:
                assert (DEPLOY.parent / name).exists(), name


def test_everything_that_the_wheel_is_built_from_is_copied() -> None:
    project = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    needed |= set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    copied = {name for line in dockerfile() if line.startswith("COPY ") for name in line.split()[1:-1]}
    assert needed <= copied


def test_the_manifest_to_paste_is_the_one_that_the_demonstration_installs() -> None:
    shipped = DEPLOY.parent / "bot" / "slack" / "manifest.yaml"
    assert (DEPLOY / "slack_manifest.yaml").read_text(encoding="utf-8") == shipped.read_text(encoding="utf-8")


def test_it_does_not_run_as_root() -> None:
    assert any(line.startswith("USER ") for line in dockerfile())


def test_the_services_play_every_role_between_them(compose: dict[str, dict[str, dict[str, object]]]) -> None:
    played: list[str] = []
    for service in compose["services"].values():
        command = service.get("command", [])
        assert isinstance(command, list)
        if "--only" in command:
            played += str(command[command.index("--only") + 1]).split(",")
    assert sorted(played) == sorted(ROLES)


def test_every_dependency_is_a_service_with_a_health_check(compose: dict[str, dict[str, dict[str, object]]]) -> None:
    for service in compose["services"].values():
        needed = service.get("depends_on", {})
        assert isinstance(needed, dict)
        assert all("healthcheck" in compose["services"][name] for name in needed)


def test_the_variables_are_those_that_the_code_reads(compose: dict[str, dict[str, dict[str, object]]]) -> None:
    known = {str(field.validation_alias) for field in Environment.model_fields.values()}
    known |= {"TOCSIN_SETTINGS", "TOCSIN_LOG_JSON", "TOCSIN_LOG_LEVEL"}
    text = "\n".join(path.read_text(encoding="utf-8") for path in (DEPLOY / "Dockerfile", DEPLOY / "compose.yaml"))
    assert set(re.findall(r"\bTOCSIN_[A-Z_]+\b", text)) <= known
