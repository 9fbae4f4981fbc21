from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from gateway.telephony.genesys.arrival import (
    LONGEST_HEADER,
    MOST_HEADERS,
    ServedLine,
    choice,
    leg_info,
    line_of,
    subscriber,
)
from gateway.telephony.genesys.messages import Channel, Media, Open, read_client_message
from gateway.telephony.genesys.settings import GenesysKey
from tests.gateway.telephony.genesys.hooks import CONVERSATION, ORGANIZATION, SESSION, Client

LINES = {("shop", "+827080001000"), ("shop", "main"), ("bank", "+15550100")}


def lines(tenant: str, name: str) -> ServedLine | None:
    return ServedLine(name, ("ko",)) if (tenant, name) in LINES else None


def key(line: str = "") -> GenesysKey:
    return GenesysKey(secret=SecretStr("c2l4dGVlbiBieXRlcywgb3IgbW9yZQ=="), tenant="shop", line=line)


def opened(dnis: str = "tel:+827080001000", **more: Any) -> Open:
    participant = {"id": SESSION, "ani": "tel:+82-10-1234-5678", "aniName": "김한빛", "dnis": dnis}
    body = read_client_message(Client().opens(participant=participant, **more)).body
    assert isinstance(body, Open)
    return body


@pytest.mark.parametrize(
    ("dnis", "variables", "of_key", "line"),
    [
        ("tel:+827080001000", {}, "", "+827080001000"),
        ("tel:+82-70-8000-1000", {}, "", "+827080001000"),
        ("sip:+827080001000@trunk;transport=tls", {}, "", "+827080001000"),
        ("tel:+827080001000", {"line": "main"}, "", "main"),
        ("tel:+827080001000", {"line": "nobody's"}, "", "+827080001000"),
        ("tel:+15550100", {}, "main", "main"),
        ("tel:+15550100", {"line": "+15550100"}, "", None),
        ("", {}, "", None),
    ],
)
def test_a_line_is_the_tenants_own(dnis: str, variables: dict[str, str], of_key: str, line: str | None) -> None:
    found = line_of(opened(dnis, inputVariables=variables), key(of_key), lines)
    assert (None if found is None else found.number) == line


def test_what_is_known_of_the_call_is_what_genesys_says_and_opens_nothing_more() -> None:
    info = leg_info(
        opened(
            language="ko-KR",
            customConfig={"agent": "kim", "depth": 3},
            inputVariables={"agent": "lee", "due": "stolen", "X-Campaign": "spring", "User-to-User": "ab"},
        ),
        "+827080001000",
        session=SESSION,
        protocol="genesys-connector",
    )
    assert (info.leg_id, info.call_sid, info.ani, info.dnis) == (
        SESSION,
        CONVERSATION,
        "+821012345678",
        "+827080001000",
    )
    assert (info.parameters["agent"], info.parameters["language"], info.due) == ("lee", "ko", "")
    assert info.headers["x-campaign"] == "spring"
    assert info.headers["user-to-user"] == "ab"
    assert info.headers["x-genesys-organization"] == ORGANIZATION
    assert info.headers["x-genesys-caller-name"] == "김한빛"


def test_headers_are_few_and_short() -> None:
    variables = {f"X-{number}": "v" * 1500 for number in range(40)}
    headers = leg_info(opened(inputVariables=variables), "1", session=SESSION, protocol="p").headers
    assert len(headers) == MOST_HEADERS
    assert max(map(len, headers.values())) == LONGEST_HEADER


def test_the_first_wanted_channels_that_are_offered_are_chosen() -> None:
    mono, stereo = Media((Channel.EXTERNAL,)), Media((Channel.EXTERNAL, Channel.INTERNAL))
    both = ((Channel.EXTERNAL, Channel.INTERNAL), (Channel.EXTERNAL,))
    assert choice([mono, stereo], wanted=both) == stereo
    assert choice([mono], wanted=both) == mono
    assert choice([Media((Channel.INTERNAL,))], wanted=both) is None


@pytest.mark.parametrize(
    ("address", "number"),
    [("+1-555-555-1234", "+15555551234"), ("sips:desk@acme", "desk"), ("tel:1588 0000", "15880000"), ("", "")],
)
def test_an_address_is_a_number_or_a_name(address: str, number: str) -> None:
    assert subscriber(address) == number
