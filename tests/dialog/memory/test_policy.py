from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dialog.actions.rules import Identity
from dialog.errors import TenantDialogInvalid
from dialog.memory.policy import Consent, MemoryPolicy
from dialog.tenant import read_tenant
from dialog.yaml_source import read_yaml


def policy(folder: Path, memory: str) -> MemoryPolicy:
    path = folder / "tenant.yaml"
    path.write_text(f"id: shop\nname: {{en: Shop}}\nlanguages: [en]\n{memory}", encoding="utf-8")
    return read_tenant(read_yaml(path))[1].memory


def test_nobody_is_remembered_unless_the_tenant_says_so(tmp_path: Path) -> None:
    assert policy(tmp_path, "").consent is Consent.OFF
    assert policy(tmp_path, "memory: {consent: off}\n").consent is Consent.OFF  # which YAML reads as false


def test_a_tenant_decides_when_for_how_long_and_for_whom(tmp_path: Path) -> None:
    chosen = policy(tmp_path, "memory: {consent: ask, keep_days: 30, identity: code}\n")
    assert chosen == MemoryPolicy(Consent.ASK, timedelta(days=30), Identity.CODE)
    opted = policy(tmp_path, "memory: {consent: customer_opted_in}\n")
    assert opted == MemoryPolicy(Consent.CUSTOMER_OPTED_IN, timedelta(days=90), Identity.KNOWLEDGE)


@pytest.mark.parametrize("memory", ["{consent: maybe}", "{keep_days: 0}", "{identity: claimed}", "{keeps_days: 3}"])
def test_a_slip_of_the_pen_is_found(tmp_path: Path, memory: str) -> None:
    with pytest.raises(TenantDialogInvalid, match=r"tenant\.yaml:4: memory"):
        policy(tmp_path, f"memory: {memory}\n")
