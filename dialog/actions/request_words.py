"""Why an action was not done, told to whoever asked for it outside of a conversation, in Korean and English. Data, and
how it is looked up.

Refuses: details for whoever runs a service; who asks gets the kind of a failure, and the record of the contact the
rest.
"""

from __future__ import annotations

from collections.abc import Mapping

from dialog.actions.action import FailureKind
from dialog.actions.rules import Refusal

Words = Mapping[str, str]

_FAILED: Mapping[FailureKind, Words] = {
    FailureKind.NOT_FOUND: {"ko": "그런 것을 찾지 못했습니다.", "en": "There is no such thing."},
    FailureKind.REJECTED: {"ko": "지금 상태로는 할 수 없습니다.", "en": "It cannot be done as things stand now."},
    FailureKind.INVALID: {"ko": "값이 맞지 않습니다.", "en": "The values do not fit."},
    FailureKind.TIMED_OUT: {"ko": "제시간에 답을 받지 못했습니다.", "en": "There was no answer in time."},
    FailureKind.UNAVAILABLE: {"ko": "지금은 연결되지 않습니다.", "en": "It cannot be reached right now."},
    FailureKind.MALFORMED: {"ko": "이해할 수 없는 답을 받았습니다.", "en": "The answer made no sense."},
    FailureKind.NOT_PERMITTED: {"ko": "규칙상 허용되지 않습니다.", "en": "The rules do not allow it."},
    FailureKind.NOT_CONFIRMED: {
        "ko": "제안이 더 이상 유효하지 않습니다. 아무것도 하지 않았습니다.",
        "en": "The proposal is no longer valid. Nothing was done.",
    },
    FailureKind.NOT_RECORDED: {
        "ko": "기록할 수 없어 아무것도 하지 않았습니다.",
        "en": "It could not be recorded, so nothing was done.",
    },
    FailureKind.NOT_DONE: {"ko": "처리되지 않았습니다.", "en": "It was not done."},
}

_UNVERIFIED: Words = {
    "ko": "확인된 고객만 할 수 있습니다(필요: {needed}, 현재: {given}). 먼저 본인 확인을 하세요.",
    "en": "This is for verified customers only (needed: {needed}, given: {given}). Find out first who calls.",
}
_REFUSED: Mapping[Refusal, Words] = {
    Refusal.IDENTITY: _UNVERIFIED,
    Refusal.OWNER: {"ko": "이 고객의 것이 아닙니다.", "en": "It does not belong to this customer."},
    Refusal.STATE: _FAILED[FailureKind.REJECTED],
    Refusal.AMOUNT: {"ko": "허용된 금액을 넘습니다.", "en": "It is more than is allowed."},
    Refusal.REASON: {"ko": "허용된 값이 아닙니다.", "en": "That value is not allowed."},
    Refusal.RECORD: {"ko": "판단에 필요한 기록을 읽지 못했습니다.", "en": "The record that decides could not be read."},
    Refusal.TOO_OFTEN: {"ko": "이 상담에서 허용된 횟수를 넘었습니다.", "en": "It was done too often in this contact."},
    Refusal.UNRESOLVED: {
        "ko": "같은 요청이 아직 처리 중이거나 결과를 알 수 없습니다.",
        "en": "The same is still under way, or nobody knows yet what became of it.",
    },
}


def failure(kind: FailureKind, language: str) -> str:
    """What is told of a failure."""
    return _FAILED[kind][language]


def refusal(why: Refusal | None, language: str, *, needed: str, given: str) -> str:
    """What is told of that which the rules do not allow. ``needed`` and ``given`` are levels of identity."""
    words = _FAILED[FailureKind.NOT_PERMITTED] if why is None else _REFUSED.get(why, _FAILED[FailureKind.NOT_PERMITTED])
    return words[language].format(needed=needed, given=given)
