"""The rules of the house that no linter knows: sizes, layers, who reads the environment, a test for every module."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("gateway", "stt", "dialog", "knowledge", "tts", "infra")
MODULES = sorted(
    path.relative_to(ROOT)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "deploy" not in path.relative_to(ROOT).parts
)
MOST_LINES = 600
MOST_FUNCTION_LINES = 80
MOST_ATTRIBUTES = 15

# Where `except Exception` may stand: supervisors, each with its reason beside it.
SUPERVISORS = {"gateway/session/talk.py", "infra/supervision.py", "infra/worker_process.py"}

# Modules that hold only data types or constants, which the tests of their users cover.
WITHOUT_OWN_TEST = {
    "stt/transcript.py",
    "stt/recognizer.py",
    "tts/speech.py",
    "tts/synthesizer.py",
    "dialog/turn.py",
    "dialog/reply.py",
    "gateway/session/ports.py",
    "gateway/telephony/transfer.py",
    "gateway/telephony/trunk.py",
}


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    lines = (ROOT / path).read_text(encoding="utf-8").count("\n")
    assert lines <= MOST_LINES, f"{path} has {lines} lines: it has outgrown its purpose, split it"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_functions_and_classes_stay_small(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MOST_FUNCTION_LINES, f"{path}:{node.lineno} {node.name} has {lines} lines"
        if isinstance(node, ast.ClassDef):
            names = {
                target.attr
                for inner in ast.walk(node)
                if isinstance(inner, ast.Assign | ast.AnnAssign | ast.AugAssign)
                for target in (inner.targets if isinstance(inner, ast.Assign) else [inner.target])
                if isinstance(target, ast.Attribute)
                and isinstance(target.value, ast.Name)
                and target.value.id == "self"
            }
            assert len(names) <= MOST_ATTRIBUTES, f"{path}:{node.lineno} {node.name} keeps {len(names)}: {names}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_says_why_it_exists(path: Path) -> None:
    if path.name == "__init__.py":
        return
    assert ast.get_docstring(tree(path)), f"{path} has no docstring that says why it exists"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_only_the_configuration_reads_the_environment(path: Path) -> None:
    if path == Path("infra/config.py"):
        return
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not re.search(r"\bos\.environ\b|\bgetenv\b", text), f"{path} reads the environment; ask infra.config"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_nothing_is_left_to_be_done_and_nothing_is_hidden(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError", text), f"{path} is not finished"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            passed_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            assert not broad or passed_on or str(path) in SUPERVISORS, f"{path}:{node.lineno} catches everything"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_every_module_has_a_test_of_its_own(path: Path) -> None:
    if path.name == "__init__.py" or str(path) in WITHOUT_OWN_TEST:
        return
    name = "main" if path.name == "__main__.py" else path.stem
    expected = ROOT / "tests" / path.parent / f"test_{name}.py"
    assert expected.is_file(), f"{path} has no test: {expected.relative_to(ROOT)}"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_what_it_owns(package: str) -> None:
    assert (ROOT / package / "README.md").is_file()


def test_every_setting_is_documented() -> None:
    sys.path.insert(0, str(ROOT))
    from infra.config import Section, variable_name

    for path in MODULES:
        if path.name == "settings.py":
            __import__(".".join(path.with_suffix("").parts))
    documented = (ROOT / "SETTINGS.md").read_text(encoding="utf-8")
    sections = Section.__subclasses__()
    assert sections
    for section in sections:
        if section.__module__.split(".")[0] not in PACKAGES:
            continue
        for field, info in section.model_fields.items():
            assert info.description, f"{section.__name__}.{field} has no description"
            variable = variable_name(section, field)
            assert f"`{variable}`" in documented, f"SETTINGS.md lacks {variable}: run `aicc settings > SETTINGS.md`"


def test_the_storeys_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


SERVING = ("gateway.app", "gateway.__main__", "stt.engines", "knowledge.retriever", "dialog.manager", "tts.engines")


def test_the_serving_path_imports_no_training_framework() -> None:
    modules = ", ".join(SERVING)
    script = f"import sys, {modules}; sys.exit(' '.join({{'torch', 'transformers'}} & sys.modules.keys()) or 0)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
