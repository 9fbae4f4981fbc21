"""The few words that the session itself says, when no dialog speaks (any more): waiting, calling back, consent.

Refuses: everything that the dialog says. Those words belong to the tenant's templates.
"""

from __future__ import annotations

from enum import StrEnum


class Phrase(StrEnum):
    """What the session may have to say."""

    STILL_WAITING = "still_waiting"
    CALL_BACK = "call_back"
    BUSY = "busy"
    MAY_WE_RECORD = "may_we_record"
    MAY_WE_PROCESS = "may_we_process"
    MAY_WE_PROCESS_TYPED = "may_we_process_typed"
    GO_AHEAD = "go_ahead"
    HOW_CONTENT = "how_content"
    THANKS = "thanks"
    ONE_MOMENT = "one_moment"
    AGENT_LOST = "agent_lost"
    PASSED_ON = "passed_on"


_WORDS: dict[Phrase, dict[str, str]] = {
    Phrase.STILL_WAITING: {
        "ko": "상담원을 연결하고 있습니다. 조금만 더 기다려 주세요.",
        "en": "We are still finding someone for you. Thank you for waiting.",
    },
    Phrase.CALL_BACK: {
        "ko": "지금은 연결할 수 있는 상담원이 없습니다. 말씀하신 내용을 전했으니 상담원이 다시 전화드리겠습니다.",
        "en": "Nobody is free right now. I have passed on what you told me, and someone will call you back. Goodbye.",
    },
    Phrase.MAY_WE_RECORD: {
        "ko": "상담 품질을 위해 통화를 녹음해도 될까요?",
        "en": "May we record this call to improve our service?",
    },
    Phrase.MAY_WE_PROCESS: {
        "ko": "AI 상담원이 말씀을 듣고 답해 드려도 될까요? 동의하시면 1번, 사람과 통화하시려면 2번을 눌러 주세요.",
        "en": "May our AI assistant listen to what you say and answer it? Press 1 to agree, or 2 to talk to a person.",
    },
    Phrase.MAY_WE_PROCESS_TYPED: {
        "ko": "AI 상담원이 글을 읽고 답해 드려도 될까요? 동의하시면 네, 상담원을 원하시면 아니요라고 적어 주세요.",
        "en": "May our AI assistant read what you write and answer it? Please write yes, or no for a person.",
    },
    Phrase.HOW_CONTENT: {
        "ko": "오늘 상담에 얼마나 만족하셨나요? 매우 불만족 1번부터 매우 만족 5번까지 누르거나 말씀해 주세요.",
        "en": "One last question: how content are you? Say or press a number from 1, not at all, to 5, very much.",
    },
    Phrase.THANKS: {
        "ko": "감사합니다. 안녕히 계세요.",
        "en": "Thank you very much. Goodbye.",
    },
    Phrase.GO_AHEAD: {
        "ko": "알겠습니다. 무엇을 도와드릴까요?",
        "en": "Thank you. How can I help you?",
    },
    Phrase.ONE_MOMENT: {
        "ko": "잠시만요, 확인해 보겠습니다.",
        "en": "One moment, let me look that up.",
    },
    Phrase.AGENT_LOST: {
        "ko": "상담원과의 연결이 끊어졌습니다. 다른 상담원을 바로 연결하겠습니다. 끊지 말고 기다려 주세요.",
        "en": "We have lost the connection to your agent. Please stay on the line while we connect you to another.",
    },
    Phrase.PASSED_ON: {
        "ko": "다른 상담원에게 연결해 드리겠습니다. 잠시만 기다려 주세요.",
        "en": "You are being connected to a colleague. Please hold on.",
    },
    Phrase.BUSY: {
        "ko": "지금은 통화량이 많아 연결할 수 없습니다. 잠시 후 다시 전화해 주세요.",
        "en": "All our lines are busy right now. Please call again in a few minutes.",
    },
}


def say(phrase: Phrase, language: str) -> str:
    """The words in that language; English where there are none."""
    words = _WORDS[phrase]
    return words.get(language, words["en"])
