"""What is said around a transfer: to the caller while it is tried, and to whoever answers at the target.

Pure. Refuses: deciding, and playing anything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from dialog.parsers.language import language as words_of
from dialog.templates import settle_particles
from gateway.session.transfer import Choice
from gateway.telephony.trunk import Failure

ACCEPT_KEY = "1"
"""The key by which whoever answers takes the call."""

MESSAGE_KEY = "#"
"""The key that ends a message."""

KEYS: Mapping[str, Choice] = {"1": Choice.CALLBACK, "2": Choice.DESK, "3": Choice.BOT, "4": Choice.MESSAGE}
"""What each key chooses; the same whatever is offered, so that a key never means two things."""

_PARTICLES = words_of("ko").wording.particles
"""Korean endings that depend on the name before them; no other language has any."""

LONGEST_SUMMARY = 240
"""Characters of the summary that whoever answers hears; the rest is a look-up away."""

_CONNECTING = {
    "ko": "{name} 연결을 시도하고 있습니다. 끊지 말고 기다려 주세요.",
    "en": "I am connecting you to {name}. Please stay on the line.",
}
_STILL = {
    "ko": "아직 {name} 연결 중입니다. 조금만 더 기다려 주세요.",
    "en": "It is still ringing at {name}. Thank you for waiting.",
}
_WHY: Mapping[Failure, Mapping[str, str]] = {
    Failure.BUSY: {"ko": "{name}은(는) 지금 통화 중입니다.", "en": "The line of {name} is busy."},
    Failure.NO_ANSWER: {"ko": "{name}에서 전화를 받지 않습니다.", "en": "Nobody answers at {name}."},
    Failure.DECLINED: {
        "ko": "{name}에서 지금은 전화를 받을 수 없습니다.",
        "en": "{name} cannot take your call right now.",
    },
    Failure.UNREACHABLE: {"ko": "{name}에 연결할 수 없습니다.", "en": "I could not reach {name}."},
}
_OFFERS: Mapping[Choice, Mapping[str, str]] = {
    Choice.CALLBACK: {"ko": "다시 전화를 받으시려면 1번,", "en": "To be called back, press 1."},
    Choice.DESK: {"ko": "다른 상담원을 기다리시려면 2번,", "en": "To wait for another of our agents, press 2."},
    Choice.BOT: {"ko": "저와 계속 통화하시려면 3번,", "en": "To go on with me, press 3."},
    Choice.MESSAGE: {"ko": "메시지를 남기시려면 4번,", "en": "To leave a recorded message, press 4."},
}
_PRESS = {"ko": "을 누르시거나 말씀해 주세요.", "en": "You can also just say it."}
_AGAIN = {"ko": "죄송합니다, 이해하지 못했습니다.", "en": "Sorry, I did not get that."}
_MESSAGE = {
    "ko": "지금부터 녹음합니다. 메시지를 말씀하시고, 마치시면 우물 정자를 눌러 주세요.",
    "en": "Please say your message now. It is recorded. When you have finished, press the hash key.",
}
_KEPT = {
    "ko": "감사합니다. 메시지를 전달했습니다. 상담원이 다시 전화드리겠습니다.",
    "en": "Thank you. I have passed on your message, and someone will call you back. Goodbye.",
}
_SCREEN = {"ko": "{name} 앞으로 전화가 왔습니다.", "en": "There is a call for {name}."}
_FROM = {"ko": "발신 번호는 {caller}입니다.", "en": "The caller's number is {caller}."}
_TAKE = {"ko": "받으시려면 1번을 눌러 주세요.", "en": "Press 1 to take it."}

_SAID: Mapping[Choice, Mapping[str, re.Pattern[str]]] = {
    Choice.CALLBACK: {
        "ko": re.compile(r"콜\s?백|다시\s*(전화|연락)|나중에\s*(전화|연락)"),
        "en": re.compile(r"\bcall(ed)?\s+(me\s+)?back\b|\bcall\s?back\b|\b(ring|phone)\s+me\b"),
    },
    Choice.DESK: {
        "ko": re.compile(r"상담원|기다리|기다릴|직원"),
        "en": re.compile(r"\bwait\b|\bagents?\b|\bsomebody else\b|\bsomeone else\b"),
    },
    Choice.BOT: {
        "ko": re.compile(r"계속|그냥\s*(여기|너|당신)|봇"),
        "en": re.compile(r"\bgo on\b|\bcontinue\b|\bwith you\b"),
    },
    Choice.MESSAGE: {
        "ko": re.compile(r"메시지|메세지|음성\s*(사서|녹음)|남기|남길"),
        "en": re.compile(r"\bmessage\b|\bvoice\s?mail\b"),
    },
}
_NOT = {
    "en": re.compile(r"\b(don'?t|do not|no|not|never|without|neither)\b"),
    "ko": re.compile(r"(말고|말아|마세요|하지\s*마|필요\s*없|싫|안\s*해|않)"),
}


def _in(words: Mapping[str, str], language: str) -> str:
    return words.get(language, words["en"])


def connecting(name: str, language: str) -> str:
    """That the caller is being connected."""
    return _in(_CONNECTING, language).format(name=name)


def still_ringing(name: str, language: str) -> str:
    """That it goes on."""
    return _in(_STILL, language).format(name=name)


def question(failure: Failure, choices: Sequence[Choice], name: str, language: str, *, again: bool) -> str:
    """Why nobody could be reached, and what may be chosen; said ``again`` to who was not understood."""
    why = settle_particles(_in(_WHY[failure], language).format(name=name), _PARTICLES)
    first = _in(_AGAIN, language) if again else why
    offers = " ".join(_in(_OFFERS[choice], language) for choice in choices)
    joint = "" if language == "ko" else " "
    return f"{first} {offers.removesuffix(',')}{joint}{_in(_PRESS, language)}"


def choice_of(text: str, digits: str, language: str, offered: Collection[Choice]) -> Choice | None:
    """What a caller has chosen, by key or in words; None where it is nothing that was offered, or more than one."""
    if digits:
        pressed = KEYS.get(digits[:1])
        return pressed if pressed in offered else None
    words = text.casefold()
    refused = _NOT.get(language, _NOT["en"])
    if not words or refused.search(words):
        return None
    meant = [choice for choice in offered if _SAID[choice].get(language, _SAID[choice]["en"]).search(words)]
    return meant[0] if len(meant) == 1 else None


def ask_for_message(language: str) -> str:
    """That the caller may speak, is recorded, and how it ends."""
    return _in(_MESSAGE, language)


def message_kept(language: str) -> str:
    """That the message is passed on; the last words."""
    return _in(_KEPT, language)


def screening(name: str, caller: str, summary: str, language: str, *, key: bool) -> tuple[str, ...]:
    """What whoever answers hears before they have the call, in sentences."""
    told = [_in(_SCREEN, language).format(name=name)]
    if caller:
        told.append(_in(_FROM, language).format(caller=" ".join(caller.removeprefix("+"))))
    if summary:
        told.append(summary if len(summary) <= LONGEST_SUMMARY else summary[:LONGEST_SUMMARY].rsplit(" ", 1)[0] + ".")
    if key:
        told.append(_in(_TAKE, language))
    return tuple(told)
