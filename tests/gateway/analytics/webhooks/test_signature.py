from __future__ import annotations

import base64

import pytest

from gateway.analytics.webhooks.errors import SecretMalformed
from gateway.analytics.webhooks.signature import read_secrets, signed_headers, written
from tests.gateway.analytics.webhooks.receiver import SECRET, Heard


def test_it_is_the_signature_of_the_standards_own_example() -> None:
    """standardwebhooks.com and its reference libraries test with these values."""
    headers = signed_headers(
        read_secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("changed", ["body", "id", "time"])
def test_whatever_is_changed_breaks_it(changed: str) -> None:
    headers = dict(signed_headers([SECRET], "evt_1", 1_700_000_000, b"{}"))
    body = b"{ }" if changed == "body" else b"{}"
    headers["webhook-id"] = "evt_2" if changed == "id" else "evt_1"
    headers["webhook-timestamp"] = "1700000001" if changed == "time" else "1700000000"
    assert not Heard(headers, body).signed_by(SECRET)


def test_while_a_secret_changes_both_sign() -> None:
    new = bytes(reversed(SECRET))
    headers = dict(signed_headers(read_secrets(f"{written(SECRET)} {written(new)}"), "evt_1", 1, b"{}"))
    heard = Heard(headers, b"{}")
    assert heard.signed_by(SECRET)
    assert heard.signed_by(new)
    assert not heard.signed_by(b"x" * 32)


@pytest.mark.parametrize(
    "text", ["", "mine", "whsec_", "whsec_!!!", "whsec_" + base64.b64encode(b"short").decode(), written(b"x" * 65)]
)
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(SecretMalformed) as refused:
        read_secrets(text)
    assert not text.removeprefix("whsec_") or text not in str(refused.value)
