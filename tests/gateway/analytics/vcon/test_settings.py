from __future__ import annotations

import pytest

from gateway.analytics.vcon.settings import VconSettings
from infra.config import load
from infra.errors import ConfigError


def test_a_host_name_is_asked_for_and_nothing_else() -> None:
    assert load(VconSettings, {"AICC_VCON_DOMAIN": "calls.bank.example:8443"}).domain == "calls.bank.example:8443"
    with pytest.raises(ConfigError, match="AICC_VCON_DOMAIN"):
        load(VconSettings, {"AICC_VCON_DOMAIN": "https://calls.bank.example/"})


def test_nothing_is_signed_unless_it_is_asked_for() -> None:
    assert load(VconSettings, {}).signing_key is None
