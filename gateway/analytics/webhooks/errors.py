"""What can go wrong where others are told of events."""

from __future__ import annotations

from infra.errors import AiccError


class WebhookError(AiccError):
    """Others cannot be told of something."""

    code = "webhook_error"


class SecretMalformed(WebhookError):
    """A secret is none that Standard Webhooks knows."""

    code = "webhook_secret_malformed"


class AddressRefused(WebhookError):
    """The address is not one that may be spoken to from here."""

    code = "webhook_address_refused"


class NothingToRedeliver(WebhookError):
    """There is no delivery of that kind."""

    code = "nothing_to_redeliver"


class NothingToSkip(WebhookError):
    """Nothing is due of that contact."""

    code = "nothing_to_skip"
