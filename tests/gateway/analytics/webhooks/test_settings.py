from __future__ import annotations

from ipaddress import ip_network

import pytest

from gateway.analytics.webhooks.settings import WebhookSettings
from infra.config import load
from infra.errors import ConfigError


def test_secrets_and_networks_are_read_from_one_line_each() -> None:
    given = {
        "AICC_WEBHOOKS_SECRETS": "crm=whsec_YQ== whsec_Yg==, erp=whsec_Yw==",
        "AICC_WEBHOOKS_PRIVATE_NETWORKS": "10.20.0.0/16, fd00::/8",
    }
    settings = load(WebhookSettings, given)
    assert settings.secrets["crm"].get_secret_value() == "whsec_YQ== whsec_Yg=="
    assert settings.private_networks == (ip_network("10.20.0.0/16"), ip_network("fd00::/8"))
    assert "whsec" not in repr(settings)


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ConfigError, match="AICC_WEBHOOKS_PRIVATE_NETWORKS"):
        load(WebhookSettings, {"AICC_WEBHOOKS_PRIVATE_NETWORKS": "our office"})


def test_nothing_private_is_allowed_unless_it_is_named() -> None:
    assert load(WebhookSettings, {}).private_networks == ()
