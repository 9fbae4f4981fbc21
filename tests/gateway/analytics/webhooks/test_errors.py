from __future__ import annotations

from gateway.analytics.webhooks.errors import AddressRefused, NothingToRedeliver, SecretMalformed, WebhookError


def test_codes_are_stable() -> None:
    assert {one.code for one in (AddressRefused, NothingToRedeliver, SecretMalformed, WebhookError)} == {
        "webhook_address_refused",
        "nothing_to_redeliver",
        "webhook_secret_malformed",
        "webhook_error",
    }
