"""The canary's contacts: chats, calls that are handed over to agents, calls that are keyed, calls of our own, and
whoever asks to be called back.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from typing import Any

from gateway.access.identity import Role
from gateway.telephony.caller import Caller
from gateway.telephony.errors import CallEnded, NoAnswer
from tests.gateway.telephony.carrier import CarrierServer, PlacedCall
from tests.integration.canary.agents import Confided, Desk, signed_in
from tests.integration.canary.exchanges import by_jambonz, by_sip
from tests.integration.canary.house import LINES, PUBLIC_WORDS, House, connected, dialled, voice
from tests.integration.canary.planted import Planted, card, planted, telephone

PERSON = {"ko": "상담원 연결해 주세요", "en": "let me talk to a person"}
ASIDES = {
    "ko": f"{PUBLIC_WORDS['ko']} 일반 배송은 며칠 걸려요",
    "en": f"how long does standard delivery of a {PUBLIC_WORDS['en']} take",
}
CALL_ME = {
    "ko": ("나중에 다시 전화해 주세요", "월요일 오후 세 시요"),
    "en": ("could you call me back later", "on Monday at three in the afternoon"),
}
NUMBER_IS = {"ko": "공일공 {} {}", "en": "zero one zero {} {}"}
YES = {"ko": "네", "en": "yes please"}

REFUND = "I want my money back for an order"
DELIVERED = "20260815"
"""An order that money can be asked back for."""

TEXTS = 40
"""Callers who write. What they give away gets them to a person soon, so that most of them come back several times."""
TEXTS_AT_ONCE = 6
GREETING = 25.0
"""Seconds that the greeting may take, with everything that has to be said before the first answer."""
HANDED_OVER = 4
"""Callers who talk with an agent, and as many agents."""
ANSWERED_WITHIN = 240.0
"""Seconds that a caller waits for an agent. On a machine with nothing else to do it takes a tenth of it."""
KEYED, OUTBOUND = 2, 2
"""Callers who key numbers, and calls of our own."""
BEFORE = 4
"""Utterances of theirs after which they wait for the agent."""
REHEARSED = 8
"""Utterances with something in them in the script."""


def script() -> tuple[str, ...]:
    """What is heard of everybody who speaks, callers and agents: the scripted recognizer hears the same in each."""
    korean, english = planted(7_000, "ko"), planted(7_000, "en")
    both = [turn for pair in zip(korean, english, strict=True) for one in reversed(pair) for turn in one.turns]
    return (REFUND, both[0], PERSON["ko"], PERSON["en"], *both[1:REHEARSED])


async def chat(house: House, seed: int, language: str) -> None:
    """Say all of it by text, in as many conversations as it takes: one that is handed over is over, also in the middle
    of a number."""
    said = planted(seed, language)
    _plant(house, said)
    open_chat = ""
    for turn in (ASIDES[language], *(turn for one in said for turn in one.turns), PERSON[language]):
        if not open_chat:
            open_chat = (await house.ask("POST", "/chats", json={"language": language}))["chat"]
            house.contacts += 1
        told = await house.ask("POST", f"/chats/{open_chat}/turns", json={"text": turn})
        if told["over"]:
            open_chat = ""


async def called_back(house: House, seed: int, language: str) -> None:
    """Ask in a chat to be called at a number, which is said in words, and agree."""
    number, needles = telephone(seed, "ko")
    national = number.removeprefix("+8210")
    digits = ["공일이삼사오육칠팔구"[int(one)] for one in national] if language == "ko" else _in_english(national)
    by = "" if language == "ko" else " "
    said = NUMBER_IS[language].format(by.join(digits[:4]), by.join(digits[4:]))
    house.numbers |= {*needles, said}
    begun = await house.ask("POST", "/chats", json={"language": language})
    house.contacts += 1
    for turn in (*CALL_ME[language], said, YES[language]):
        await house.ask("POST", f"/chats/{begun['chat']}/turns", json={"text": turn})


async def handed_over(house: House, seed: int, language: str) -> None:
    """Call, give something away, be handed over to an agent, give away the rest, and be asked how it was."""
    more = _signalled(house, seed, language)
    own = more.pop("From")
    await house.ask("POST", "/memory/consent", json={"number": own, "agreed": True, "wording": "by letter"})
    async with dialled(house, LINES[language], own, more) as caller:
        with suppress(CallEnded):
            await _listen(caller, GREETING)
            for _ in range(BEFORE):
                await _say(caller)
                await _listen(caller)
            await _until_answered(house, own)
            for _ in house.script[BEFORE:]:
                await _say(caller)
                await asyncio.sleep(1.0)
            for _ in range(20):  # until the agent has hung up, and asked afterwards how it was
                await caller.press("5")
                with suppress(NoAnswer):
                    await caller.wait_until_over(3.0)
                    break
    house.contacts += 1
    _plant(house, (one for code in LINES for one in planted(7_000, code)))


async def keyed(house: House, seed: int) -> None:
    """Call, key a card's number that nobody has asked for, then others that are asked for in confidence."""
    own, needles = telephone(seed, "en")
    house.numbers.update(needles)
    cards = [card(seed * 10 + place) for place in range(4)]
    house.keyed |= {form for _, forms in cards for form in forms}
    async with dialled(house, LINES["en"], own) as caller:
        with suppress(CallEnded):
            await _listen(caller, GREETING)
            await caller.press(f"{cards[0][0]}#")
            await _listen(caller)
            await _say(caller)  # the refund
            await _listen(caller)
            await caller.press(f"{DELIVERED}#")
            await _listen(caller)
            for number, _ in cards[1:]:
                await caller.press(f"{number}#")
                await _listen(caller)
    house.contacts += 1


async def waits_no_longer(house: House, seed: int) -> None:
    """Call, ask for a person, and press the key to be called back instead of waiting: at one's own number."""
    own, needles = telephone(seed, "ko")
    house.numbers.update(needles)
    async with dialled(house, LINES["ko"], own) as caller:
        with suppress(CallEnded):
            await _listen(caller, GREETING)
            await caller.press("0")
            await asyncio.sleep(6.0)
            await caller.press("1")
            with suppress(NoAnswer):
                await caller.wait_until_over(20)
    house.contacts += 1


async def reminded(house: House, seed: int) -> None:
    """Be called by the house, answer, and give things away."""
    number, needles = telephone(seed, "ko")
    house.numbers.update(needles)
    wanted = {
        "number": number,
        "language": "ko",
        "at": datetime.now(UTC).isoformat(),
        "purpose": "visit_reminder",
        "details": {"visit_at": "2027-01-12T15:00"},
    }
    due = (await house.ask("POST", "/callbacks", json=wanted))["due_call"]
    async with asyncio.timeout(ANSWERED_WITHIN):
        while (await house.ask("GET", f"/callbacks/{due}"))["state"] in {"due", "placing", "ringing", "answered"}:
            await asyncio.sleep(0.5)
    house.contacts += 1


async def answers(server: CarrierServer, call: PlacedCall) -> None:
    """What a callee does: answers, listens, says two things, and hangs up."""
    document = (await server.fetch(call)).text
    async with connected(server.inner, document, call.sid, call.order["From"], call.order["To"]) as callee:
        with suppress(CallEnded):
            await _listen(callee, GREETING)
            for _ in range(2):
                await _say(callee)
                await _listen(callee)
    await server.report(call, "completed")


async def programs(house: House, seed: int) -> None:
    """Another program asks a question with all of it, and is told whom not to call."""
    said = planted(seed, "en")
    _plant(house, said)
    for one in said:
        await house.ask("POST", "/ask", json={"text": f"{one.turns[0]}, where is my order", "language": "en"})
    number, needles = telephone(seed, "en")
    house.numbers.update(needles)
    await house.ask("PUT", f"/opt-outs/{number}", json={"words": f"never again, {said[0].turns[0]}"})


async def converse(house: House) -> None:
    """All of them."""
    texts, over = asyncio.Semaphore(TEXTS_AT_ONCE), asyncio.Event()

    async def text(seed: int) -> None:
        async with texts:
            await chat(house, seed, "ko" if seed % 2 else "en")

    async with AsyncExitStack() as stack, asyncio.TaskGroup() as desks:
        for number in range(HANDED_OVER):
            browser = await stack.enter_async_context(signed_in(house, f"agent{number}@shop.example", Role.AGENT))
            desk = Desk(house, browser, _confided(house, 8_000 + number), declines=number == 0)
            desks.create_task(desk.work(over))
        async with asyncio.TaskGroup() as talking:
            for seed in range(TEXTS):
                talking.create_task(text(seed))
            for number in range(HANDED_OVER):
                talking.create_task(handed_over(house, number, "ko" if number % 2 else "en"))
            for seed in range(KEYED):
                talking.create_task(keyed(house, 100 + seed))
            for seed in range(OUTBOUND):
                talking.create_task(reminded(house, 110 + seed))
            talking.create_task(called_back(house, 200, "ko"))
            talking.create_task(called_back(house, 201, "en"))
            talking.create_task(programs(house, 9_000))
            talking.create_task(by_sip(house, 400))
            talking.create_task(by_jambonz(house, 410))
        over.set()
    await waits_no_longer(house, 300)


# --- small parts ---------------------------------------------------------------------------------------------------


def _plant(house: House, said: Any) -> None:
    house.needles |= {needle for one in said for needle in one.needles}


def _confided(house: House, seed: int) -> Confided:
    """What an agent writes: everything of one person."""
    said: list[Planted] = planted(seed, "ko" if seed % 2 else "en")
    _plant(house, said)
    words = [turn for one in said for turn in one.turns]
    return Confided(note="; ".join(words), summary=" ".join(words[:4]), search=words[0], why=words[1])


def _signalled(house: House, seed: int, language: str) -> dict[str, str]:
    """A caller's number as a carrier sends it, with who the network says that it is, and whom they had dialled before:
    numbers with names, in headers of SIP."""
    own, forms = telephone(seed, language)
    asserted, other = telephone(seed + 50, "ko")
    diverted, third = telephone(seed + 60, "ko")
    name = planted(6_000 + seed, "en")[6]
    house.numbers |= {*forms, *other, *third}
    house.names.update(name.needles)
    return {
        "From": own,
        "SipHeader_P-Asserted-Identity": f'"{name.needles[0]}" <sip:{asserted}@carrier.example>',
        "SipHeader_X-Customer": f"{name.needles[0]} {own}",
        "ForwardedFrom": diverted,
    }


async def _until_answered(house: House, own: str) -> None:
    """Wait until somebody of the desk talks with who calls from that number."""
    async with asyncio.timeout(ANSWERED_WITHIN):
        while True:
            calls = await house.ask("GET", "/calls", params={"limit": 500})
            if any(one["call"] in house.answered for one in calls if one["caller"] == own):
                return
            await asyncio.sleep(0.5)


async def _say(caller: Caller) -> None:
    await caller.say(*await voice())


async def _listen(caller: Caller, within: float = 12.0) -> None:
    """Hear the answer out, if there is one and it ends: music does not."""
    with suppress(NoAnswer):
        await caller.listen_until_quiet(timeout=within)


def _in_english(digits: str) -> list[str]:
    words = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return [words[int(digit)] for digit in digits]
