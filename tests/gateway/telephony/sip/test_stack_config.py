"""The stack is told what makes it a telephone exchange's and not a person's telephone."""

from __future__ import annotations

from pathlib import Path

from gateway.telephony.sip.settings import SipSettings, SipTrunk
from gateway.telephony.sip.stack_config import listening_account, registrar_worker, stack_config, trunk_account

TRUNK = SipTrunk(
    domain="pbx.example", proxy="sbc.example:5070", user="gw", auth_user="gw-1", password="geheim", register_seconds=300
)
SETTINGS = SipSettings(udp="127.0.0.1:5060", tcp="127.0.0.1:5060", workers=2, trunks={"pbx": TRUNK, "other": TRUNK})


def test_each_worker_listens_on_ports_of_its_own() -> None:
    text = stack_config(SETTINGS, 1).text
    assert "sip_listen 127.0.0.1:5062\n" in text
    assert "sip_transports udp,tcp\n" in text
    assert "rtp_ports 24000-27999\n" in text
    assert stack_config(SETTINGS, 1).interface == "127.0.0.1"


def test_on_every_address_the_stack_finds_its_own() -> None:
    settings = SipSettings(udp="0.0.0.0:5060")
    assert stack_config(settings, 0).interface is None
    assert listening_account(settings, 0, "udp").domain == "aicc.invalid"


def test_files_for_tls_are_named_whole() -> None:
    settings = SipSettings(tls="127.0.0.1:5061", tls_certificate=Path("c.pem"), tls_authorities=Path("/ca.pem"))
    text = stack_config(settings, 0).text
    assert "sip_listen 127.0.0.1:5060\n" in text
    assert f"sip_certificate {Path('c.pem').resolve()}\n" in text
    assert "sip_cafile /ca.pem\nsip_verify_server yes\n" in text


def test_any_number_is_ours_and_nobody_is_sent_a_second_invite() -> None:
    account = listening_account(SETTINGS.model_copy(update={"srtp": "required"}), 1, "tcp")
    assert account.domain == "127.0.0.1:5062"
    assert account.parameters == ("catchall=yes", "video_codecs=none", "mediaenc=srtp-mand")
    assert account.codecs == ("g722/16000/1", "pcmu", "pcma", "opus/48000/2")
    assert account.register_seconds == 0


def test_the_stack_takes_no_more_headers_than_it_can() -> None:
    many = tuple(f"X-{number}" for number in range(8))
    assert len(stack_config(SETTINGS.model_copy(update={"headers": many}), 0).headers) <= 16


def test_a_trunk_sees_the_line_that_calls_and_the_credentials_of_ours() -> None:
    account = trunk_account(SETTINGS, TRUNK, "15880000")
    assert (account.user, account.auth_user, account.password) == ("15880000", "gw-1", "geheim")
    assert account.registrar == "sbc.example:5070;transport=udp"
    assert account.register_seconds == 0


def test_one_worker_registers_for_all() -> None:
    assert trunk_account(SETTINGS, TRUNK, registers=True).register_seconds == 300
    assert trunk_account(SETTINGS, TRUNK, registers=True).user == "gw"
    assert [registrar_worker(SETTINGS, name) for name in ("pbx", "other")] == [0, 1]


def test_without_a_password_there_is_nobody_to_authenticate_as() -> None:
    open_trunk = SipTrunk(domain="pbx.example")
    account = trunk_account(SETTINGS, open_trunk)
    assert (account.user, account.auth_user, account.registrar) == ("aicc", None, None)
