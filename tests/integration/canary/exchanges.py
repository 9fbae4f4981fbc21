"""Callers who come by other ways than a carrier's webhook: by SIP, where a call tells numbers and names in its headers,
and by jambonz, where it tells them in JSON.
"""

from __future__ import annotations

import asyncio
import uuid

from tests.integration.canary.house import HAS_SIP, LINES, PUBLIC, SECRET, House, voice
from tests.integration.canary.planted import planted, telephone
from tests.integration.sip.wire import Dialog, tag_of, wire
from tests.integration.telephone_systems import Json, SystemCall, WebSocketLine, ask_as_jambonz

ANSWERED_WITHIN = 30.0


class Named(Dialog):
    """A call whose caller has a name, and has been vouched for and diverted."""

    names: tuple[str, str, str] = ("", "", "")
    """Who calls, who the network says that it is, and whom they had dialled before."""

    def request(self, method: str, body: str = "") -> str:
        name, asserted, diverted = self.names
        more = (
            f'P-Asserted-Identity: "{name}" <sip:{asserted}@carrier.example>\r\n'
            f"Diversion: <tel:{diverted}>;reason=no-answer\r\n"
            f"X-Customer: {name} {self.caller}\r\n"
        )
        plain = Dialog.request(self, method, body)
        return plain.replace("From: <", f'From: "{name}" <', 1).replace("Contact: ", f"{more}Contact: ", 1)


async def by_sip(house: House, seed: int) -> None:
    """Call by SIP with a name, listen to the greeting, and hang up."""
    if not HAS_SIP:
        return
    own, name, other, third = _told(house, seed)
    async with wire(house.sip_port) as line:
        dialog = Named(line, user=LINES["en"], caller=own)
        dialog.names = (name, other, third)
        line.send(dialog.invite())
        answer = await dialog.until("SIP/2.0 200", within=ANSWERED_WITHIN)
        dialog.tag = tag_of(answer)
        line.send(dialog.request("ACK"))
        await asyncio.sleep(4.0)
        dialog.cseq += 1
        line.send(dialog.request("BYE"))
        await dialog.until("SIP/2.0 200", count=2)
    house.contacts += 1


async def by_jambonz(house: House, seed: int) -> None:
    """Call by jambonz with a name, say something, and hang up."""
    own, name, other, third = _told(house, seed)
    call = uuid.uuid4().hex
    headers = {"from": f'"{name}" <sip:{own}@carrier.example>', "P-Asserted-Identity": f"<tel:{other}>"}
    asked = {"call_sid": call, "from": own, "to": LINES["en"], "caller_name": name, "sip": {"headers": headers}}
    told = {**headers, "Diversion": f"<tel:{third}>;reason=user-busy", "X-Customer": f"{name} {own}"}
    url, first = await ask_as_jambonz(house.url, SECRET, asked, {"callerName": name, "headers": told})
    address = url.replace(PUBLIC.replace("https", "wss"), house.url.replace("http", "ws", 1))
    line = await WebSocketLine.open(address, "audio.jambonz.org")
    async with SystemCall(Json(first), line) as caller:
        await caller.hear_out()
        await caller.say(*await voice())
        await asyncio.sleep(3.0)
    house.contacts += 1


def _told(house: House, seed: int) -> tuple[str, str, str, str]:
    """A caller's number and name, who the network says that it is, and whom they had dialled."""
    numbers = [telephone(seed + place, "ko") for place in range(3)]
    [name] = [one for one in planted(seed, "en") if one.kind == "name"]
    house.numbers |= {form for _, forms in numbers for form in forms}
    house.names.update(name.needles)
    (own, _), (other, _), (third, _) = numbers
    return own, name.needles[0], other, third
