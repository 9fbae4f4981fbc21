from __future__ import annotations

from pathlib import Path

import pytest

from gateway.settings import GatewaySettings
from infra.config import load
from infra.errors import ConfigError


def test_tenants_are_folders_separated_by_commas() -> None:
    settings = load(GatewaySettings, {"AICC_GATEWAY_TENANTS": "examples/a, /srv/b"})
    assert settings.tenants == (Path("examples/a"), Path("/srv/b"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3"])
def test_a_door_to_the_network_without_a_token_stays_shut(host: str) -> None:
    with pytest.raises(ConfigError, match="AICC_GATEWAY_API_TOKEN"):
        load(GatewaySettings, {"AICC_GATEWAY_HOST": host})
    assert load(GatewaySettings, {"AICC_GATEWAY_HOST": host, "AICC_GATEWAY_API_TOKEN": "t"}).host == host


def test_a_token_of_a_client_is_hard_to_guess_and_stays_secret() -> None:
    settings = load(GatewaySettings, {"AICC_GATEWAY_MCP_TOKENS": "desk=0123456789abcdef"})
    assert settings.mcp_tokens["desk"].get_secret_value() == "0123456789abcdef"
    assert "0123456789abcdef" not in repr(settings)
    with pytest.raises(ConfigError, match="the token of desk has fewer than 16"):
        load(GatewaySettings, {"AICC_GATEWAY_MCP_TOKENS": "desk=short"})
    with pytest.raises(ConfigError, match="two clients have the same token"):
        load(GatewaySettings, {"AICC_GATEWAY_MCP_TOKENS": "desk=0123456789abcdef,site=0123456789abcdef"})
