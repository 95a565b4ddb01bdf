"""The built wheel, installed into an empty folder and used from another one, without the checkout."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "engine", "prompts")

pytestmark = pytest.mark.timeout(400)  # building and installing 40 MB, and the model is loaded three times


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    if importlib.util.find_spec("hatchling") is None:
        if os.environ.get("CI"):
            pytest.fail("hatchling is missing: install the extra “dev”")
        pytest.skip("needs hatchling to build the wheel: install the extra “dev”")
    folder = tmp_path_factory.mktemp("dist")
    _done([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel holds, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder)]
    _done([*pip, str(wheel)], cwd=folder)
    return folder


def _done(command: list[str], *, cwd: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, timeout=200)
    assert done.returncode == 0, done.stderr


def python(*words: str, installed: Path, cwd: Path, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run Python in *cwd* with the wheel and its dependencies to import from, and no checkout.

    -S keeps the interpreter from the checkout that an editable installation would add.
    """
    others = [path for path in sys.path if path and not (Path(path) / "pyproject.toml").exists()]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "SLACK_"))}
    environment = kept | {"PYTHONPATH": os.pathsep.join([str(installed), *others]), "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, "-S", *words],
        input=text, capture_output=True, text=True, cwd=cwd, check=False, timeout=300, env=environment,
    )  # fmt: skip


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    """Prompts, guides, pages, weights, grammars, word lists, types: whatever is not bytecode."""
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    files = {path for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file()}
    needed = {path.relative_to(ROOT).as_posix() for path in files if path.suffix != ".pyc"}
    assert {"bot/py.typed", "engine/py.typed", "engine/weights/model.safetensors"} <= needed
    assert needed - held == set()


def test_nothing_is_imported_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    script = "import bot, engine, prompts; print(bot.__file__, engine.__file__, *prompts.__path__, sep='\\n')"
    done = python("-c", script, installed=installed, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(Path(line).is_relative_to(installed) for line in done.stdout.splitlines())


@pytest.mark.parametrize("module", ["bot", "bot.cli"])
def test_the_command_line_answers_as_a_module(module: str, installed: Path, tmp_path: Path) -> None:
    shown = python("-m", module, "--help", installed=installed, cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "backtest" in shown.stdout


def test_it_says_the_version_of_the_project(installed: Path, tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = python("-m", "bot", "--version", installed=installed, cwd=tmp_path)
    assert said.stdout == f"tocsin {project['version']}\n"


def test_it_reads_with_the_shipped_model(installed: Path, tmp_path: Path) -> None:
    words = ("-m", "bot", "read", "--target", "Acme Air", "--json")
    text = "Acme Air fined for selling tickets to flights it had cancelled\n"
    done = python(*words, installed=installed, cwd=tmp_path, text=text)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sentiment"]["label"] == "negative"


def test_a_new_settings_file_is_checked_in_plain_sentences(installed: Path, tmp_path: Path) -> None:
    assert python("-m", "bot", "init", installed=installed, cwd=tmp_path).returncode == 0
    done = python("-m", "bot", "check", installed=installed, cwd=tmp_path)
    assert done.returncode == 1  # there is no Slack token
    assert "tocsin.yaml is well" in done.stdout
    assert "There is no Slack token." in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_the_demonstration_plays(installed: Path, tmp_path: Path) -> None:
    words = ("-m", "bot", "demo", "--seconds", "3", "--port", "0")
    done = python(*words, installed=installed, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Ready after" in done.stdout
    assert "Bye." in done.stdout
    assert "Traceback" not in done.stderr
