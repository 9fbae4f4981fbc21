"""The settings in the stack's own words: its configuration, and the accounts of a worker. Pure.

What stands here was found by trying it, and is what makes a stack for telephones out of one for people:

- ``catchall=yes``: any number is ours, whoever the account says we are
- ``video_codecs=none``: without it every answered call sends a re-INVITE, which many far ends do not expect
- one account per transport: a call by TCP finds no account that is bound to UDP
- an adaptive jitter buffer of 20 to 100 ms, and 20 to 60 ms before the sound is taken: 60 ms less delay than by default

Refuses: the stack itself (``worker.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.telephony.sip.headers import ALWAYS_READ
from gateway.telephony.sip.settings import SipSettings, SipTrunk, Transport

OURSELVES: Final = "aicc"
NOWHERE: Final = "aicc.invalid"
"""What stands for us where we listen on every address (RFC 2606: nobody's)."""

_ANY: Final = frozenset({"0.0.0.0", "[::]"})
_CODECS: Final = {"PCMU": "pcmu", "PCMA": "pcma", "G722": "g722/16000/1", "opus": "opus/48000/2"}
_ENCRYPTION: Final = {"off": (), "optional": ("mediaenc=srtp",), "required": ("mediaenc=srtp-mand",)}


@dataclass(frozen=True, slots=True)
class StackConfig:
    """What the stack is started with; ``text`` is what it has no field for."""

    interface: str | None
    headers: tuple[str, ...]
    max_calls: int
    rtp_timeout: int
    text: str


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """One of a worker's accounts."""

    user: str
    domain: str
    transport: Transport
    codecs: tuple[str, ...]
    parameters: tuple[str, ...]
    auth_user: str | None = None
    password: str = ""
    registrar: str | None = None
    register_seconds: int = 0


def stack_config(settings: SipSettings, worker: int) -> StackConfig:
    """The configuration of a worker's stack."""
    plain = settings.address(worker, "udp")
    low, high = settings.rtp_range(worker)
    host = plain[0]
    lines = [
        f"sip_listen {host}:{plain[1]}",
        f"sip_transports {','.join(settings.transports)}",
        f"rtp_ports {low}-{high}",
        "audio_jitter_buffer_type adaptive",
        "audio_jitter_buffer_ms 20-100",
        "audio_buffer 20-60",
    ]
    if settings.tls_certificate is not None:
        lines.append(f"sip_certificate {settings.tls_certificate.resolve()}")
    if settings.tls_authorities is not None:
        lines.append(f"sip_cafile {settings.tls_authorities.resolve()}")
        lines.append("sip_verify_server yes")
    return StackConfig(
        interface=None if host in _ANY else host.strip("[]"),
        headers=(*ALWAYS_READ, *settings.headers),
        max_calls=settings.max_calls,
        rtp_timeout=settings.rtp_timeout,
        text="\n".join(lines) + "\n",
    )


def listening_account(settings: SipSettings, worker: int, transport: Transport) -> AccountConfig:
    """Who answers what comes in by ``transport``."""
    host, port = settings.address(worker, transport)
    return AccountConfig(
        user=OURSELVES,
        domain=NOWHERE if host in _ANY else f"{host}:{port}",
        transport=transport,
        codecs=_codecs(settings),
        parameters=_parameters(settings),
    )


def trunk_account(settings: SipSettings, trunk: SipTrunk, line: str = "", *, registers: bool = False) -> AccountConfig:
    """Who calls by ``trunk``: as ``line``, or as whom the trunk knows us."""
    password = trunk.password.get_secret_value()
    return AccountConfig(
        user=line or trunk.user,
        domain=trunk.domain,
        transport=trunk.transport,
        codecs=_codecs(settings),
        parameters=_parameters(settings),
        auth_user=(trunk.auth_user or trunk.user) if password else None,
        password=password,
        registrar=f"{trunk.proxy};transport={trunk.transport}" if trunk.proxy else None,
        register_seconds=trunk.register_seconds if registers else 0,
    )


def registrar_worker(settings: SipSettings, trunk: str) -> int:
    """The one worker that registers with a trunk: a registrar rings all who register under one name."""
    return list(settings.trunks).index(trunk) % settings.workers


def _codecs(settings: SipSettings) -> tuple[str, ...]:
    return tuple(_CODECS[codec] for codec in settings.codecs)


def _parameters(settings: SipSettings) -> tuple[str, ...]:
    return ("catchall=yes", "video_codecs=none", *_ENCRYPTION[settings.srtp])
