"""The webhooks of calls that we have placed, over ASGI."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from fastapi import FastAPI

from gateway.telephony.dialer import Progress
from gateway.telephony.errors import TelephonyError
from gateway.telephony.outbound_webhooks import HangUp, LeaveMessage, Talk, outbound_router, status_url, voice_url
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.streams.documents import read_twiml
from gateway.telephony.streams.signatures import TWILIO_HEADER, signature

BASE = "http://gateway.test"
DUE = "shop.d1.t/1"
FORM = {"CallSid": "CA1", "From": "+827080001000", "To": "+821012345678", "CallStatus": "in-progress"}
TOKEN = "open sesame"


class Desk:
    """Whoever placed the calls, answering as told."""

    def __init__(self, answer: LeaveMessage | HangUp | None = None, broken: bool = False, **settings: Any) -> None:
        self.answer = answer or Talk()
        self.broken = broken
        self.heard: list[tuple[object, ...]] = []
        self.app = FastAPI()
        self.app.include_router(outbound_router(TelephonySettings(**settings), self))

    async def picked_up(self, due: str, call_sid: str, *, machine: bool) -> Talk | LeaveMessage | HangUp:
        self.heard.append((due, call_sid, machine))
        self._fail()
        return self.answer

    async def reported(self, due: str, call_sid: str, progress: Progress) -> None:
        self.heard.append((due, call_sid, progress))
        self._fail()

    def _fail(self) -> None:
        if self.broken:
            raise TelephonyError("the database is away")

    async def post(self, url: str, form: dict[str, str] = FORM, **request: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
            return await client.post(url, data=form, **request)


async def test_whoever_answers_is_connected_to_the_media_socket_with_the_calls_name() -> None:
    desk = Desk()
    response = await desk.post(voice_url(BASE, DUE))
    offer = read_twiml(response.text)
    assert offer.url == "ws://gateway.test/telephony/twilio/media"
    assert dict(offer.parameters) == {"from": "+827080001000", "to": "+821012345678", "due": DUE}
    assert desk.heard == [(DUE, "CA1", False)]


@pytest.mark.parametrize(
    ("answered_by", "machine"),
    [("human", False), ("unknown", False), ("machine_start", True), ("machine_end_beep", True), ("fax", True)],
)
async def test_who_answered_is_passed_on(answered_by: str, machine: bool) -> None:
    desk = Desk()
    await desk.post(voice_url(BASE, DUE), {**FORM, "AnsweredBy": answered_by})
    assert desk.heard == [(DUE, "CA1", machine)]


async def test_a_message_is_left_in_its_language_and_a_call_that_nobody_wants_is_ended() -> None:
    said = ElementTree.fromstring((await Desk(LeaveMessage("안녕하세요", "ko")).post(voice_url(BASE, DUE))).text)
    assert [verb.tag for verb in said] == ["Say", "Hangup"]
    assert (said[0].text, said[0].get("language")) == ("안녕하세요", "ko-KR")
    ended = ElementTree.fromstring((await Desk(HangUp()).post(voice_url(BASE, DUE))).text)
    assert [verb.tag for verb in ended] == ["Hangup"]


async def test_a_call_that_cannot_be_noted_is_ended_and_a_report_is_asked_for_again() -> None:
    desk = Desk(broken=True)
    ended = ElementTree.fromstring((await desk.post(voice_url(BASE, DUE))).text)
    assert [verb.tag for verb in ended] == ["Hangup"]
    assert (await desk.post(status_url(BASE, DUE), {**FORM, "CallStatus": "busy"})).status_code == 503


async def test_what_became_of_a_call_is_passed_on_and_words_that_are_new_are_not() -> None:
    desk = Desk()
    for status in ("busy", "no-answer", "completed", "levitating"):
        assert (await desk.post(status_url(BASE, DUE), {**FORM, "CallStatus": status})).status_code == 204
    assert desk.heard == [(DUE, "CA1", wanted) for wanted in (Progress.BUSY, Progress.NO_ANSWER, Progress.OVER)]


async def test_only_the_carrier_is_believed_and_its_signature_covers_which_call_it_is() -> None:
    desk = Desk(twilio_auth_token=TOKEN)
    for url in (voice_url(BASE, DUE), status_url(BASE, DUE)):
        assert (await desk.post(url)).status_code == 403
        for another in (url.replace("d1", "d2"), url.partition("?")[0]):
            signed = {TWILIO_HEADER: signature(TOKEN, another, FORM.items())}
            assert (await desk.post(url, headers=signed)).status_code == 403
    assert desk.heard == []
    signed = {TWILIO_HEADER: signature(TOKEN, voice_url(BASE, DUE), FORM.items())}
    assert (await desk.post(voice_url(BASE, DUE), headers=signed)).status_code == 200


@pytest.mark.parametrize("missing", ["CallSid", "due", "CallStatus", "too long"])
async def test_a_request_that_does_not_say_what_it_is_about_is_turned_away(missing: str) -> None:
    desk = Desk()
    form = {name: value for name, value in FORM.items() if name != missing}
    due = {"due": "", "too long": "x" * 300}.get(missing, DUE)
    assert (await desk.post(status_url(BASE, due), form)).status_code == 400
    assert desk.heard == []
