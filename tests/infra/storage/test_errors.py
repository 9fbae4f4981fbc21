"""Errors of storage are told apart by stable codes."""

from __future__ import annotations

import inspect

from infra.errors import AiccError
from infra.storage import errors


def test_every_error_is_ours_and_has_a_code_of_its_own() -> None:
    found = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__]
    codes = [kind.code for kind in found]
    assert all(issubclass(kind, AiccError) for kind in found)
    assert all(code.startswith("storage_") for code in codes)
    assert len(set(codes)) == len(codes) > 5
