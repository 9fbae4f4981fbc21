"""Which doors are open for which secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.telephony.raw.dialects import DIALECTS
from gateway.telephony.raw.opening import open_raw_streams
from gateway.telephony.raw.settings import RawSettings
from gateway.telephony.settings import TelephonySettings
from infra.errors import ConfigError
from tests.gateway.telephony.doors import Reception, nobody

SECRET = "x" * 32


def opened(**settings: Any) -> tuple[list[bytes], int]:
    streams = open_raw_streams(RawSettings(**settings), TelephonySettings(), Reception(), nobody, lambda: 0.0)
    return [door.path for door in streams.doors], sum(len(router.routes) for router in streams.routers)


def test_without_a_secret_nothing_is_open() -> None:
    assert opened() == ([], 0)


def test_each_platform_is_open_with_its_own() -> None:
    assert opened(vonage_signature_secret=SECRET) == ([b"/telephony/vonage/media"], 2)
    assert opened(jambonz_webhook_secret=SECRET) == ([b"/telephony/jambonz/media"], 4)
    paths, routes = opened(freeswitch_token=SECRET)
    assert (paths, routes) == ([dialect.path.encode() for dialect in DIALECTS if "freeswitch" in dialect.name], 0)


def test_a_key_that_is_none_keeps_the_gateway_from_starting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="vonage_private_key"):
        opened(vonage_signature_secret=SECRET, vonage_application="a", vonage_private_key=tmp_path / "missing")
