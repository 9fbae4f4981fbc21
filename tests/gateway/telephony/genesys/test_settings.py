from __future__ import annotations

import base64
import json

import pytest

from gateway.telephony.genesys.settings import GenesysSettings
from infra.config import load
from infra.errors import ConfigError

SECRET = base64.b64encode(b"sixteen bytes, or more").decode()


def test_keys_come_as_json_and_without_any_the_doors_are_shut() -> None:
    assert load(GenesysSettings, {}).keys == {}
    assert load(GenesysSettings, {"AICC_GENESYS_KEYS": ""}).keys == {}
    keys = {"k": {"secret": SECRET, "tenant": "shop", "organization": "d7934305-0972-4844-938e-9060eef73d05"}}
    [key] = load(GenesysSettings, {"AICC_GENESYS_KEYS": json.dumps(keys)}).keys.values()
    assert (key.key, key.tenant, key.line) == (b"sixteen bytes, or more", "shop", "")
    assert SECRET not in repr(key)


@pytest.mark.parametrize(
    "key",
    [
        "not json",
        '{"k": {}}',
        json.dumps({"k": {"secret": "short", "tenant": "shop"}}),
        json.dumps({"k": {"secret": base64.b64encode(b"short").decode(), "tenant": "shop"}}),
        json.dumps({"k": {"secret": SECRET, "tenant": "shop", "organization": "acme"}}),
        json.dumps({"k": {"secret": SECRET, "tenant": "shop", "line_of_business": "x"}}),
    ],
)
def test_a_key_that_opens_nothing_is_refused(key: str) -> None:
    with pytest.raises(ConfigError, match="AICC_GENESYS_KEYS"):
        load(GenesysSettings, {"AICC_GENESYS_KEYS": key})
