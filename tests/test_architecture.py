"""The drawing of the house, kept true by a machine."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "broadcast_service"

FLOORS = [  # lowest first; a module imports from its own room or from a lower floor
    {"errors", "failpoints"},
    {"settings"},
    {"domain", "reading"},
    {"storage", "speech", "audio", "formats"},
    {"studio"},
    {"services"},
    {"web", "clock", "pool"},
    {"cli"},
    {"__init__", "__main__"},
]
LANDLORDS = {  # a library, and the only rooms that may import it
    "flask": {"web"},
    "flask_wtf": {"web"},
    "flask_bootstrap": {"web"},
    "waitress": {"web"},
    "werkzeug": {"web"},
    "itsdangerous": {"web"},
    "click": {"cli"},
    "tqdm": {"cli"},
    "sqlalchemy": {"storage", "services", "web", "cli"},
    "alembic": {"storage"},
    "apscheduler": {"clock"},
    "argon2": {"services"},
    "gtts": {"speech"},
    "requests": {"speech"},
    "espeakng_loader": {"speech"},
    "ctypes": {"speech", "cli"},
    "onnxruntime": {"speech"},
    "pydub": {"audio"},
    "av": {"audio"},
    "soxr": {"audio"},
    "lameenc": {"audio"},
    "numpy": {"audio", "speech"},
    "soundfile": {"audio", "speech"},
    "yaml": {"formats"},
}
SQL_IN_DOORS = {"sqlalchemy": {"Session", "select", "orm"}}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The first name below the package: "services" for services/scripts.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Pairs (kind, name): ("own", "domain") or ("library", "flask")."""
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (("library", alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield "library", str(node.module).split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.level == depth:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from (("own", str(name).split(".")[0]) for name in names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_keeps_the_rules_of_the_house(path: Path) -> None:
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    here = room(path)
    for kind, name in imports(path):
        if kind == "own":
            if name not in floor:
                continue  # a value of the package itself, such as __version__
            assert floor[name] < floor[here] or name == here, f"{here} must not import {name}"
        else:
            assert here in LANDLORDS.get(name, {here}), f"{name} does not belong in {here}"


def test_domain_and_reading_need_only_the_standard_library() -> None:
    import sys

    for path in MODULES:
        if room(path) in {"domain", "reading"}:
            foreign = {name for kind, name in imports(path) if kind == "library"} - sys.stdlib_module_names
            assert not foreign, f"{path.name} imports {foreign}"


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).exists()]


def test_no_source_file_is_longer_than_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("*.py", "*.js", "*.html", "*.css", "*.md")
        if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert not long


def test_nothing_is_named_after_what_it_is_not() -> None:
    vague = {"utils", "helpers", "manager", "handler", "processor", "common"}
    assert not {path for path in MODULES if path.stem in vague}


def test_the_clock_is_asked_in_one_place() -> None:
    askers = {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    }
    assert askers == {"studio.py"}


def test_nothing_generated_is_kept() -> None:
    kept = [path for path in tracked("audio_out", "instance") if path.name != ".gitkeep"]
    assert not kept
