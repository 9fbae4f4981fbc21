"""The documents that tell a carrier what to do with a call, in either markup of the family. Pure.

TwiML is Twilio's; SignalWire's cXML and Telnyx's TeXML are alike, and Telnyx wants some attributes more on a stream.
Plivo's XML has other words for the same things.

Refuses: reading them, but for what our own far end needs of TwiML (``read_twiml``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol
from urllib.parse import quote
from xml.etree import ElementTree

import orjson

from gateway.telephony.errors import CallRefused
from gateway.telephony.leg import Refusal, RefusalReason
from gateway.telephony.streams.attached import write_attached

_LOCALES: Final = {"ko": "ko-KR", "en": "en-US"}

LONGEST_RING: Final = 120
"""Seconds; what Telnyx takes at most."""
SHORTEST_RING: Final = 5


@dataclass(frozen=True, slots=True)
class StreamOffer:
    """Where a document wants a call's sound: the media socket, and the parameters for its start message."""

    url: str
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Destination:
    """Whom a call is to be connected with: ``target`` is a SIP or tel URI or a bare number, which rings for ``ring``
    seconds; ``headers`` go along where there is a way for them. What follows is asked of ``action``.

    In TwiML it may also be ``queue:NAME`` or ``workflow:SID`` (a TaskRouter's), which is told the ``handoff``.
    """

    target: str
    ring: float
    action: str
    handoff: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_sip(self) -> bool:
        """Whether it is no telephone number."""
        return self.target.lower().startswith(("sip:", "sips:"))

    @property
    def number(self) -> str:
        """The telephone number of one that is not SIP."""
        return self.target.removeprefix("tel:").partition(";")[0]

    @property
    def seconds(self) -> str:
        """How long it rings, as carriers take it."""
        return str(round(min(max(self.ring, SHORTEST_RING), LONGEST_RING)))


class Markup(Protocol):
    """One carrier's documents."""

    def connect_stream(self, url: str, parameters: Mapping[str, str]) -> str:
        """Hand the call's sound over, both ways, to the media socket at ``url`` with ``parameters``."""

    def refuse(self, refusal: Refusal) -> str:
        """Do not take the call: an announcement and the end, or, without words, a rejection."""

    def hang_up(self, announcement: str = "", language: str = "ko") -> str:
        """End a call that is up, after an announcement if there is one."""

    def dial(self, destination: Destination) -> str:
        """Connect the call with somebody else."""


class Twiml:
    """TwiML, and what is like it; ``stream_attributes`` are the carrier's own on a stream."""

    def __init__(self, **stream_attributes: str) -> None:
        self._stream_attributes = stream_attributes

    def connect_stream(self, url: str, parameters: Mapping[str, str]) -> str:
        """See ``Markup``."""
        response = ElementTree.Element("Response")
        connect = ElementTree.SubElement(response, "Connect")
        stream = ElementTree.SubElement(connect, "Stream", {"url": _xml_text(url)} | self._stream_attributes)
        for name, value in parameters.items():
            ElementTree.SubElement(stream, "Parameter", name=_xml_text(name), value=_xml_text(value))
        return _document(response)

    def refuse(self, refusal: Refusal) -> str:
        """See ``Markup``."""
        if refusal.announcement:
            return self.hang_up(refusal.announcement, refusal.language)
        response = ElementTree.Element("Response")
        ElementTree.SubElement(response, "Reject", reason=_why(refusal))
        return _document(response)

    def hang_up(self, announcement: str = "", language: str = "ko") -> str:
        """See ``Markup``."""
        return _ending("Say", announcement, language)

    def dial(self, destination: Destination) -> str:
        """See ``Markup``."""
        response = ElementTree.Element("Response")
        queue, colon, name = destination.target.partition(":")
        if colon and queue in ("queue", "workflow"):
            _enqueue(response, queue, name, destination)
            return _document(response)
        dial = ElementTree.SubElement(
            response, "Dial", timeout=destination.seconds, action=_xml_text(destination.action), method="POST"
        )
        noun = ElementTree.SubElement(dial, "Sip" if destination.is_sip else "Number")
        noun.text = _xml_text(_with_headers(destination) if destination.is_sip else destination.number)
        return _document(response)

    def refer(self, destination: Destination) -> str:
        """Have the network that the call came from transfer it (RFC 3515): only for calls that came by SIP."""
        response = ElementTree.Element("Response")
        refer = ElementTree.SubElement(response, "Refer", action=_xml_text(destination.action), method="POST")
        ElementTree.SubElement(refer, "Sip").text = _xml_text(_with_headers(destination))
        return _document(response)


class PlivoXml:
    """Plivo's. Headers of SIP may have letters and digits alone: what else they have is left out."""

    def connect_stream(self, url: str, parameters: Mapping[str, str]) -> str:
        """See ``Markup``."""
        response = ElementTree.Element("Response")
        stream = ElementTree.SubElement(
            response,
            "Stream",
            bidirectional="true",
            keepCallAlive="true",
            audioTrack="inbound",
            contentType="audio/x-mulaw;rate=8000",
            extraHeaders=write_attached(parameters),
        )
        stream.text = _xml_text(url)
        return _document(response)

    def refuse(self, refusal: Refusal) -> str:
        """See ``Markup``."""
        if refusal.announcement:
            return self.hang_up(refusal.announcement, refusal.language)
        response = ElementTree.Element("Response")
        ElementTree.SubElement(response, "Hangup", reason=_why(refusal))
        return _document(response)

    def hang_up(self, announcement: str = "", language: str = "ko") -> str:
        """See ``Markup``."""
        return _ending("Speak", announcement, language)

    def dial(self, destination: Destination) -> str:
        """See ``Markup``."""
        response = ElementTree.Element("Response")
        dial = ElementTree.SubElement(
            response, "Dial", timeout=destination.seconds, action=_xml_text(destination.action), method="POST"
        )
        if destination.is_sip and destination.headers:
            headers = (f"{_plain(name)}={_plain(value)}" for name, value in destination.headers.items())
            dial.set("sipHeaders", ",".join(headers))
        noun = ElementTree.SubElement(dial, "User" if destination.is_sip else "Number")
        noun.text = _xml_text(destination.target if destination.is_sip else destination.number)
        return _document(response)


TWIML: Final = Twiml()
TEXML: Final = Twiml(codec="PCMU", bidirectionalMode="rtp", bidirectionalCodec="PCMU")
PLIVO_XML: Final = PlivoXml()


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


def _ending(verb: str, announcement: str, language: str) -> str:
    response = ElementTree.Element("Response")
    if announcement:
        say = ElementTree.SubElement(response, verb, language=_xml_text(_LOCALES.get(language, language)))
        say.text = _xml_text(announcement)
    ElementTree.SubElement(response, "Hangup")
    return _document(response)


def _enqueue(response: ElementTree.Element, kind: str, name: str, destination: Destination) -> None:
    enqueue = ElementTree.SubElement(response, "Enqueue", action=_xml_text(destination.action), method="POST")
    if kind == "workflow":
        enqueue.set("workflowSid", _xml_text(name))
        task = orjson.dumps({"handoff": destination.handoff}).decode("utf-8")
        ElementTree.SubElement(enqueue, "Task").text = _xml_text(task)
    else:
        enqueue.text = _xml_text(name)


def _why(refusal: Refusal) -> str:
    return "busy" if refusal.reason is RefusalReason.BUSY else "rejected"


def _with_headers(destination: Destination) -> str:
    """The SIP URI with headers in its query, as these carriers take them for the INVITE (RFC 3261, section 19.1.1)."""
    if not destination.headers:
        return destination.target
    query = "&".join(f"{quote(name, safe='-')}={quote(value, safe='')}" for name, value in destination.headers.items())
    return f"{destination.target}{'&' if '?' in destination.target else '?'}{query}"


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isascii() and character.isalnum())


def _document(response: ElementTree.Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + ElementTree.tostring(response, encoding="unicode")


def _xml_text(text: str) -> str:
    """``text`` without the characters that XML 1.0 (section 2.2) cannot hold, even escaped."""
    return "".join(character for character in text if _is_xml(ord(character)))


def _is_xml(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
