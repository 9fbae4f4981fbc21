from __future__ import annotations

from pathlib import Path

import pytest

from infra.config import load
from infra.errors import ConfigError
from infra.storage.settings import KeySettings


def test_keys_lie_in_a_file_unless_a_service_is_set() -> None:
    chosen = load(KeySettings, {})
    assert (chosen.file, chosen.transit_url) == (None, None)
    assert load(KeySettings, {"AICC_KEYS_FILE": "/etc/aicc/keyring.json"}).file == Path("/etc/aicc/keyring.json")


def test_the_services_token_is_shown_nowhere() -> None:
    assert "hvs" not in repr(load(KeySettings, {"AICC_KEYS_TRANSIT_TOKEN": "hvs.secret"}))


@pytest.mark.parametrize("variable", ["AICC_KEYS_TRANSIT_KEY", "AICC_KEYS_TRANSIT_MOUNT"])
def test_a_name_of_nothing_is_refused(variable: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        load(KeySettings, {variable: ""})
