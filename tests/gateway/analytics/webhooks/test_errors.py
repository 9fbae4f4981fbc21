from __future__ import annotations

from gateway.analytics.webhooks.errors import (
    AddressRefused,
    NothingToRedeliver,
    NothingToSkip,
    SecretMalformed,
    WebhookError,
)


def test_codes_are_stable() -> None:
    errors = (AddressRefused, NothingToRedeliver, NothingToSkip, SecretMalformed, WebhookError)
    assert {one.code for one in errors} == {
        "webhook_address_refused",
        "nothing_to_redeliver",
        "nothing_to_skip",
        "webhook_secret_malformed",
        "webhook_error",
    }
