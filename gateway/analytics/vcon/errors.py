"""What can go wrong where a call is made a vCon."""

from __future__ import annotations

from infra.errors import AiccError


class CallGoesOn(AiccError):
    """The call is not over yet."""

    code = "call_goes_on"


class SignatureImpossible(AiccError):
    """The key or the certificates that vCons are to be signed with are none."""

    code = "vcon_signature_impossible"
