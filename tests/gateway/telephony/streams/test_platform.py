"""Moving calls by a carrier's API: what each is told, over HTTP to an API that answers what it was told to."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from gateway.telephony import rest
from gateway.telephony.leg import HungUp, LegInfo
from gateway.telephony.streams.carriers import Carrier
from gateway.telephony.streams.platform import RestTransferor, can_be_dialled, transfer_order, transfer_url
from gateway.telephony.transfer import (
    NotTransferred,
    TransferMethod,
    TransferOrder,
    TransferOutcome,
    Transferred,
    TransferUnclear,
)
from tests.gateway.telephony.streams.carrier_api import Api, listening
from tests.gateway.telephony.streams.carriers_open import BASE, carriers

ORDER = TransferOrder(
    TransferMethod.PROVIDER,
    "sip:queue-h42@pbx.example",
    "h42",
    within=20,
    headers={"User-to-User": "6834;encoding=hex"},
)
INFO = LegInfo("MZ1", "v3:CA/1", "+821012345678", "+82215880000", protocol="twilio", rate=8000)


class Silent:
    """The far end of a leg that is moved beside its wire."""

    def say(self, message: str | bytes) -> None:
        raise AssertionError("nothing is said on the wire")

    async def ended(self) -> HungUp:
        raise AssertionError("nobody waits for the end")


def mover(carrier: Carrier, url: str, info: LegInfo = INFO) -> RestTransferor:
    platform = carrier.platform
    assert platform is not None
    return replace(platform, account=replace(platform.account, url=url)).transferor(info)


async def moved(name: str, api: Api, order: TransferOrder = ORDER, info: LegInfo = INFO) -> TransferOutcome:
    async with listening(api) as running:
        return await mover(carriers()[name], running.url, info).transfer(order, Silent())


@pytest.mark.parametrize(
    ("name", "path", "authorization", "document"),
    [
        ("twilio", "/2010-04-01/Accounts/AC1/Calls/v3%3ACA%2F1.json", "Basic QUMxOm9wZW4gc2VzYW1l", "Twiml"),
        ("telnyx", "/v2/texml/Accounts/tx%20account/Calls/v3%3ACA%2F1", "Bearer KEY1", "Texml"),
    ],
)
async def test_a_carrier_that_takes_documents_is_given_one_that_dials(
    name: str, path: str, authorization: str, document: str
) -> None:
    api = Api()
    assert await moved(name, api) == Transferred(confirmed=False)
    [(asked, shown, fields)] = api.asked
    assert (asked, shown, list(fields)) == (path, authorization, [document])
    dial = ElementTree.fromstring(fields[document]).find("Dial")
    assert dial is not None
    assert dial.get("action") == f"{BASE}/telephony/{name}/dialled?handoff=h42"
    assert (dial.get("timeout"), dial[0].tag) == ("20", "Sip")


@pytest.mark.parametrize(
    ("name", "path", "address", "rest_of_it"),
    [
        (
            "signalwire",
            "/api/laml/2010-04-01/Accounts/project/Calls/v3%3ACA%2F1.json",
            "Url",
            {"Method": "POST"},
        ),
        ("plivo", "/v1/Account/MA1/Call/v3%3ACA%2F1/", "aleg_url", {"legs": "aleg", "aleg_method": "POST"}),
    ],
)
async def test_a_carrier_that_fetches_documents_is_told_where_one_is(
    name: str, path: str, address: str, rest_of_it: dict[str, str]
) -> None:
    api = Api(status=202)
    assert await moved(name, api) == Transferred(confirmed=False)
    [(asked, _, fields)] = api.asked
    url = urlsplit(fields.pop(address))
    assert (asked, fields) == (path, rest_of_it)
    assert (url.scheme, url.netloc, url.path) == ("https", "voice.example.com", f"/telephony/{name}/transfer")
    assert transfer_order(url.query) == ORDER


async def test_a_call_that_came_by_sip_can_be_referred() -> None:
    by_sip = replace(INFO, ani="sip:alice@pbx.example")
    carrier = carriers()["twilio"]
    assert mover(carrier, "http://127.0.0.1:1", by_sip).methods == {TransferMethod.PROVIDER, TransferMethod.REFER}
    assert mover(carrier, "http://127.0.0.1:1").methods == {TransferMethod.PROVIDER}
    assert mover(carriers()["plivo"], "http://127.0.0.1:1", by_sip).methods == {TransferMethod.PROVIDER}
    api = Api()
    assert await moved("twilio", api, replace(ORDER, method=TransferMethod.REFER), by_sip) == Transferred(False)
    assert ElementTree.fromstring(api.asked[0][2]["Twiml"]).find("Refer/Sip") is not None


async def test_a_call_is_not_referred_to_a_telephone_number() -> None:
    order = replace(ORDER, method=TransferMethod.REFER, target="tel:+82215880000")
    outcome = await mover(carriers()["twilio"], "http://127.0.0.1:1").transfer(order, Silent())
    assert outcome == NotTransferred("a call can only be referred to a SIP address")


async def test_a_refusal_leaves_the_call_ours_with_the_carriers_words() -> None:
    api = Api(status=404, body={"message": "Call not found"})
    assert await moved("twilio", api) == NotTransferred("the carrier refused: 404 Call not found", 404)


async def test_a_carrier_that_fails_or_says_nothing_leaves_it_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = await moved("twilio", Api(status=502))
    assert failed == TransferUnclear("the carrier failed: 502 Bad Gateway")
    monkeypatch.setattr(rest, "ANSWER_WITHIN", 0.05)
    silent = await moved("twilio", Api(silent=True))
    assert isinstance(silent, TransferUnclear)
    assert silent.detail.startswith("the carrier did not answer")


async def test_a_carrier_that_cannot_be_reached_has_moved_nothing() -> None:
    outcome = await mover(carriers()["twilio"], "http://127.0.0.1:1").transfer(ORDER, Silent())
    assert isinstance(outcome, NotTransferred)
    assert outcome.reason.startswith("the carrier cannot be reached")


@pytest.mark.parametrize(("name", "target"), [("twilio", "support-desk"), ("plivo", "queue:support")])
async def test_a_target_that_the_carrier_cannot_dial_is_not_sent(name: str, target: str) -> None:
    order = replace(ORDER, target=target)
    outcome = await mover(carriers()[name], "http://127.0.0.1:1").transfer(order, Silent())
    assert isinstance(outcome, NotTransferred)
    assert "a number, a tel: or SIP address" in outcome.reason


@pytest.mark.parametrize(
    ("target", "yes"),
    [
        ("sip:a@b", True),
        ("SIPS:a@b", True),
        ("tel:+82", True),
        ("+82215880000", True),
        ("queue:support", True),
        ("http://example.com", False),
        ("", False),
        ("support", False),
    ],
)
def test_what_can_be_dialled(target: str, yes: bool) -> None:
    assert can_be_dialled(target, queues=True) is yes


@pytest.mark.parametrize(
    "query", ["", "to=sip:a@b", "to=http://x&ring=20", "to=sip:a@b&ring=soon", "to=sip:a@b&ring=1.2.3"]
)
def test_an_address_that_we_never_made_is_no_order(query: str) -> None:
    assert transfer_order(query) is None


def test_an_order_survives_its_address() -> None:
    order = replace(ORDER, target="tel:+82 2&1588", within=7.5)
    assert transfer_order(urlsplit(transfer_url(BASE, order)).query) == order
