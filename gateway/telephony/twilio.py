"""What Twilio asks of a webhook: who is calling us (signatures), and what we answer (TwiML). Pure.

A signature is the base64 HMAC-SHA1, under the account's auth token, of the address exactly as Twilio called it,
followed by the POST parameters' names and values in the order of their names. A media socket's handshake has no
parameters, and its address is the ``wss://`` one of the TwiML.

Refuses: guessing the address. Behind a proxy only the operator knows it: ``public_url``.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit, urlunsplit
from xml.etree import ElementTree

from gateway.telephony.dialer import Progress
from gateway.telephony.errors import CallRefused
from gateway.telephony.leg import Refusal, RefusalReason

PREFIX: Final = "/telephony/twilio"
"""The path under which Twilio finds its doors."""

SIGNATURE_HEADER: Final = "X-Twilio-Signature"

PROGRESS: Final[Mapping[str, Progress]] = MappingProxyType(
    {
        "queued": Progress.RINGING,
        "initiated": Progress.RINGING,
        "ringing": Progress.RINGING,
        "in-progress": Progress.TALKING,
        "busy": Progress.BUSY,
        "no-answer": Progress.NO_ANSWER,
        "failed": Progress.UNREACHABLE,
        "canceled": Progress.CANCELLED,
        "completed": Progress.OVER,
    }
)
"""The carrier's words for how far a call is."""

_DEFAULT_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_SOCKET_SCHEMES: Final = {"http": "ws", "https": "wss"}
_LOCALES: Final = {"ko": "ko-KR", "en": "en-US"}


@dataclass(frozen=True, slots=True)
class StreamOffer:
    """Where TwiML wants a call's sound: the media socket, and the parameters for its start message."""

    url: str
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def signature(auth_token: str, url: str, parameters: Iterable[tuple[str, str]] = ()) -> str:
    """The signature of a request to ``url``. A parameter that comes several times counts once for each value."""
    text = url + "".join(name + value for name, value in sorted(set(parameters)))
    return b64encode(hmac.digest(auth_token.encode(), text.encode("utf-8", "surrogatepass"), "sha1")).decode("ascii")


def signature_is_valid(
    auth_token: str, url: str, parameters: Iterable[tuple[str, str]] = (), *, claimed: str | None
) -> bool:
    """Whether ``claimed`` is the signature of that request, compared in constant time.

    An address is signed with or without its scheme's default port; both are accepted.
    """
    if not claimed:
        return False
    pairs = list(parameters)
    given = claimed.encode("utf-8", "surrogatepass")
    found = [hmac.compare_digest(signature(auth_token, form, pairs).encode(), given) for form in _port_forms(url)]
    return any(found)


def _port_forms(url: str) -> tuple[str, ...]:
    """``url`` as it is, and with its default port left out or put in."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return (url,)
    default = _DEFAULT_PORTS.get(parts.scheme)
    if default is None or port not in (None, default):
        return (url,)
    bare = parts.netloc.removesuffix(f":{default}")
    return tuple(urlunsplit(parts._replace(netloc=netloc)) for netloc in (bare, f"{bare}:{default}"))


def socket_url(base: str, path: str) -> str:
    """The address of a media socket: ``base`` with its scheme turned from ``http(s)`` to ``ws(s)``, and ``path``."""
    scheme, separator, rest = base.rstrip("/").partition("://")
    return _SOCKET_SCHEMES.get(scheme, scheme) + separator + rest + path


def connect_stream(url: str, parameters: Mapping[str, str]) -> str:
    """TwiML that hands the call's sound over, both ways, to the media socket at ``url`` with ``parameters``."""
    response = ElementTree.Element("Response")
    stream = ElementTree.SubElement(ElementTree.SubElement(response, "Connect"), "Stream", url=_xml_text(url))
    for name, value in parameters.items():
        ElementTree.SubElement(stream, "Parameter", name=_xml_text(name), value=_xml_text(value))
    return _document(response)


def refuse(refusal: Refusal) -> str:
    """TwiML that does not take the call: an announcement and the end, or, without words, a rejection."""
    if refusal.announcement:
        return hang_up(refusal.announcement, refusal.language)
    response = ElementTree.Element("Response")
    reason = "busy" if refusal.reason is RefusalReason.BUSY else "rejected"
    ElementTree.SubElement(response, "Reject", reason=reason)
    return _document(response)


def hang_up(announcement: str = "", language: str = "ko") -> str:
    """TwiML that ends a call that is up, after an announcement if there is one."""
    response = ElementTree.Element("Response")
    if announcement:
        _say(response, announcement, language)
    ElementTree.SubElement(response, "Hangup")
    return _document(response)


def read_twiml(document: str) -> StreamOffer:
    """The media socket that TwiML connects a call to, as a carrier reads it.

    Raises ``CallRefused`` when the document does anything else with the call.
    """
    try:
        response = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        raise CallRefused(f"the voice webhook did not answer with TwiML: {error}") from error
    stream = response.find("./Connect/Stream")
    if stream is None or not stream.get("url"):
        said = " ".join(say.text or "" for say in response.iter("Say"))
        raise CallRefused(f"the call was not taken: {said or ', '.join(verb.tag for verb in response)}")
    parameters = {entry.get("name", ""): entry.get("value", "") for entry in stream.iter("Parameter")}
    return StreamOffer(url=stream.get("url", ""), parameters=MappingProxyType(parameters))


def _say(response: ElementTree.Element, text: str, language: str) -> None:
    say = ElementTree.SubElement(response, "Say", language=_LOCALES.get(language, language))
    say.text = _xml_text(text)


def _document(response: ElementTree.Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + ElementTree.tostring(response, encoding="unicode")


def _xml_text(text: str) -> str:
    """``text`` without the characters that XML 1.0 (section 2.2) cannot hold, even escaped."""
    return "".join(character for character in text if _is_xml(ord(character)))


def _is_xml(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
