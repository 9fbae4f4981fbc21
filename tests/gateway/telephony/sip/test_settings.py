"""Settings that contradict what the stack can do are refused, with what to do."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from gateway.telephony.sip.settings import SipSettings, in_clear, split_address
from infra.config import load
from infra.errors import ConfigError


def read(**variables: str) -> SipSettings:
    return load(SipSettings, {f"AICC_SIP_{name}": value for name, value in variables.items()})


def test_it_is_off_until_it_has_an_address() -> None:
    assert not read().is_on
    assert read(UDP="127.0.0.1:5060").transports == ("udp",)


def test_workers_have_ports_of_their_own() -> None:
    settings = read(UDP="10.0.0.1:5060", TLS="10.0.0.1:5061", TLS_CERTIFICATE="/c.pem", WORKERS="3")
    assert [settings.address(worker, "udp") for worker in range(3)] == [
        ("10.0.0.1", port) for port in (5060, 5062, 5064)
    ]
    assert settings.address(2, "tls") == ("10.0.0.1", 5065)
    ranges = [settings.rtp_range(worker) for worker in range(3)]
    assert all(first % 2 == 0 for first, _ in ranges)
    assert all(before[1] < after[0] for before, after in pairwise(ranges))
    assert ranges[-1][1] <= 27_999


def test_tls_alone_has_its_own_port() -> None:
    assert read(TLS="127.0.0.1:5061", TLS_CERTIFICATE="/c.pem").address(0, "tls") == ("127.0.0.1", 5061)


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"UDP": "127.0.0.1:5060", "TCP": "127.0.0.1:5070"}, "same address"),
        ({"UDP": "127.0.0.1:5060", "TLS": "127.0.0.1:5080", "TLS_CERTIFICATE": "/c.pem"}, "127.0.0.1:5061"),
        ({"TLS": "127.0.0.1:5061"}, "AICC_SIP_TLS_CERTIFICATE"),
        ({"UDP": "127.0.0.1:65530", "WORKERS": "4"}, "choose a lower one"),
        ({"UDP": "localhost"}, "not host:port"),
        ({"UDP": "127.0.0.1:99999"}, "not host:port"),
        ({"UDP": "127.0.0.1:5060", "RTP_PORTS": "20000-20100"}, "more ports"),
        ({"UDP": "127.0.0.1:5060", "RTP_PORTS": "30000-20000"}, "lower one first"),
        ({"UDP": "127.0.0.1:5060", "CODECS": "GSM"}, "AICC_SIP_CODECS"),
        ({"UDP": "127.0.0.1:5060", "HEADERS": "X-Good, X Bad"}, "not a header"),
        ({"UDP": "127.0.0.1:5060", "TRUNKS": "pbx"}, "JSON"),
        ({"UDP": "127.0.0.1:5060", "TRUNKS": '{"pbx": {"domain": "x", "transport": "tls"}}'}, "trunk's transport"),
        ({"UDP": "127.0.0.1:5060", "TRUNKS": '{"pbx": {"domain": "a;b"}}'}, "AICC_SIP_TRUNKS"),
    ],
)
def test_what_cannot_work_is_refused_by_name(variables: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        read(**variables)


def test_passwords_show_only_where_they_are_meant_to() -> None:
    settings = read(UDP="127.0.0.1:5060", TRUNKS='{"pbx": {"domain": "pbx.example", "password": "geheim"}}')
    assert "geheim" not in repr(settings) + settings.model_dump_json()
    again = SipSettings.model_validate(json.loads(in_clear(settings)))
    assert again == settings
    assert again.trunks["pbx"].password.get_secret_value() == "geheim"


def test_an_address_of_version_6_has_brackets() -> None:
    assert split_address("[::1]:5060") == ("[::1]", 5060)
