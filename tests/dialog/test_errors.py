"""Errors have stable codes under one root."""

from __future__ import annotations

from dialog import errors
from infra.errors import AiccError


def test_codes_are_distinct_and_named_for_the_dialog() -> None:
    kinds = [errors.DialogError, errors.TenantDialogInvalid, errors.LanguageNotSpoken]
    assert all(issubclass(kind, AiccError) for kind in kinds)
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("dialog_") for code in codes)
