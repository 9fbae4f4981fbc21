from __future__ import annotations

import importlib

import pytest

from infra.errors import AiccError

MODULES = ("infra.errors", "stt.errors", "tts.errors", "knowledge.errors", "dialog.errors", "gateway.session.errors")


def every(kind: type[AiccError]) -> set[type[AiccError]]:
    return {kind} | {deeper for below in kind.__subclasses__() for deeper in every(below)}


def test_every_error_of_ours_has_a_code_and_a_reason_of_its_own() -> None:
    for module in MODULES:
        importlib.import_module(module)
    ours = [error for error in every(AiccError) if not error.__module__.startswith("tests")]
    codes = [error.code for error in ours]
    assert len(ours) > 20
    assert len(set(codes)) == len(codes)
    assert all(error.__doc__ for error in ours)


@pytest.mark.parametrize("module", MODULES[1:])
def test_every_package_has_one_root(module: str) -> None:
    found = importlib.import_module(module)
    own = [e for e in vars(found).values() if isinstance(e, type) and issubclass(e, AiccError)]
    roots = [e for e in own if e.__module__ == module and e.__bases__ == (AiccError,)]
    assert len(roots) == 1
