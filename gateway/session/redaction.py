"""Contact events without what is personal in them: done once, where an event enters a call's log.

What a caller said is searched and remembered; what agents and systems of record say of them as well; what the house
says loses what this caller confided and what nobody may read, and keeps its own numbers and addresses. Fields that name
things (calls, agents, passages) and what the network told of the line stay as they are.

Refuses: deciding what is personal (``dialog.privacy``), and secrets that an answer was asked for in confidence
(``minutes``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from dialog.privacy.confided import Confided
from dialog.privacy.kinds import Found, PersonalKind, placeholder
from dialog.reply import Expectation
from gateway.session.records import Direction, EventKind
from infra.phone_numbers import NumberingPlan, as_dialled_at_home

MASKED_KEY = "•"
"""What stands for a key that is pressed as a part of something personal, or of a number that nobody asked for."""

CHOICE = 1
"""Keys of a turn that choose from a menu; more of them, which nobody asked for, may be any number of the caller's."""

_DIGIT = re.compile(r"\d")

_UNTOUCHED = frozenset(
    {
        EventKind.CALL_REFUSED,
        EventKind.CALL_PURPOSE,
        EventKind.CALLBACK_REQUESTED,
        EventKind.DISCLOSURE_HEARD,
        EventKind.REPLY_STARTED,
        EventKind.STAGE_LATENCY,
        EventKind.MEDIA_QUALITY,
    }
)
"""Kinds without words, and one that holds the number by which a caller is called back."""

_AT_HOME = (NumberingPlan("82"), NumberingPlan("1", ""))
"""Of whom numbers are said without the country's."""

_WHOLE = 11
"""Characters of a whole number, with its country's; what is left of a shorter one may be a part of any other."""

_OURS = frozenset(
    {
        EventKind.REPLY_HEARD,
        EventKind.BARGE_IN,
        EventKind.DECISION_EXPLAINED,
        EventKind.ASSIST_SHOWN,
        EventKind.ASSIST_USED,
    }
)
"""Kinds whose words are the house's. A card that an agent worded anew is the agent's."""

_NAMES_OF_THINGS = frozenset(
    (
        "action agent agents at by call call_sid card citations contact criteria customer decision destination digest"
        " document due_call engine expects failure handoff id key kind language leg line mode model passage passages"
        " path policy protocol purpose queue release reply role rubric sha256 signals skills stage state target timings"
        " turns verdict version way"
    ).split()
)
"""Fields that name things or measure them."""

_VALUES = frozenset({"arguments", "result", "known", "slots", "answers", "filled"})
"""Fields that hold values by the names of what they are."""
_NAMED_FOR = (
    (PersonalKind.PHONE, re.compile(r"(?:^|_)(?:phone|mobile|tel|telephone|cell)(?:_?(?:number|no))?$", re.I)),
    (PersonalKind.EMAIL, re.compile(r"(?:^|_)e?_?mail(?:_address)?$", re.I)),
    (PersonalKind.ADDRESS, re.compile(r"(?:^|_)(?:(?:new_)?address|street)$", re.I)),
    (
        PersonalKind.NAME,
        re.compile(r"^(?:recipient|(?:(?:customer|full|first|last|guest|recipient|holder|caller|your)_)?name)$", re.I),
    ),
    (PersonalKind.CARD, re.compile(r"(?:^|_)card_?(?:number|no)$", re.I)),
    (PersonalKind.ACCOUNT, re.compile(r"(?:^|_)(?:account_?(?:number|no)|iban)$", re.I)),
    (PersonalKind.REGISTRATION, re.compile(r"(?:^|_)(?:rrn|ssn|resident_?number|registration_?number)$", re.I)),
)


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Redaction:
    """One call's. ``language`` is the one that its conversation begins in."""

    def __init__(self, language: str) -> None:
        self.confided = Confided(language)
        self.found: tuple[Found, ...] = ()
        """What was found in the text of the latest stretch or turn of the caller's, or turn of an agent's."""
        self.keys_hidden = False
        """Whether the latest turn's keys were more than anybody may read."""
        self._pressed = 0
        """Digits that were keyed since the turn before."""
        self._calls_us = True
        self._dictating = False
        """Whether the dialog's latest question was for a value that is told digit by digit."""
        self._answered = False
        """Whether a turn has come since that question: what is keyed ahead of the next one may be anything."""

    def payload(self, kind: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """What may be written down of an event."""
        match kind:
            case EventKind.TRANSCRIPT_FINAL:
                return self._transcript(payload)
            case EventKind.CALLER_TURN:
                return self._turn(payload)
            case EventKind.REPLY_DECIDED:
                return self._reply(payload)
            case EventKind.AGENT_TURN:
                return self._agent_turn(payload)
            case EventKind.DTMF_PRESSED:
                return self._key(payload)
            case EventKind.RETRIEVAL_DONE:
                return {**payload, "query": self.confided.repeat(_text(payload, "query"))}
            case EventKind.LANGUAGE_CHANGED:
                self.confided.language = str(payload.get("after", self.confided.language))
                return payload
            case EventKind.CALL_OFFERED | EventKind.CALL_ANSWERED:
                self._line(payload)
                return payload
            case _ if kind in _UNTOUCHED:
                return payload
            case _:
                return {key: self._field(key, value, ours=kind in _OURS) for key, value in payload.items()}

    def _line(self, payload: Mapping[str, Any]) -> None:
        """What the network says of the line stands there for itself, and lies sealed. The number of whom we talk with
        is known wherever it is said; of a call of ours, what is told when it is answered may be our own."""
        if "direction" in payload:
            self._calls_us = payload["direction"] != Direction.OUTBOUND
            names: tuple[str, ...] = ("caller",) if self._calls_us else ("called",)
        else:
            names = ("ani", "caller", "asserted") if self._calls_us else ()
        for number in (_text(payload, name) for name in names):
            at_home = (as_dialled_at_home(number, plan) for plan in _AT_HOME if len(number) >= _WHOLE)
            for said in {number, *at_home}:
                self.confided.confide(said, PersonalKind.PHONE)

    def _transcript(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        text = _text(payload, "text")
        redacted = self.confided.stretch(text)
        self.found = redacted.found
        if not redacted.found:
            return payload
        return {**payload, "text": redacted.text, "words": _words(text, payload.get("words", ()), redacted.found)}

    def _key(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """A key. A number that was asked for and is nothing personal may be read; else one key may, which is a choice.
        What the keys were together is judged with their turn."""
        self._pressed += _DIGIT.match(_text(payload, "digit")) is not None
        if self.confided.asked is None and (self._awaits_number or self._pressed <= CHOICE):
            return payload
        return {**payload, "digit": _DIGIT.sub(MASKED_KEY, _text(payload, "digit"))}

    def _keys(self, keys: str) -> str:
        keyed = self.confided.keyed(keys)
        many = len(_DIGIT.findall(keys)) > CHOICE
        if many and (self.confided.asked is not None or not self._awaits_number):
            keyed = _DIGIT.sub(MASKED_KEY, keyed)
        self._pressed, self.keys_hidden = 0, keyed != keys
        return keyed

    @property
    def _awaits_number(self) -> bool:
        return (self._dictating and not self._answered) or self.confided.asked_another

    def _agent_turn(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """What an agent says is searched, and what they ask for is known to be asked."""
        text = _text(payload, "text")
        told = self.confided.told(text)
        self.found = told.found
        self.confided.ask(text)
        return {**payload, "text": told.text}

    def _turn(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        keyed = self._keys(_text(payload, "digits"))
        self._answered = True
        redacted = self.confided.take(_text(payload, "text"))
        self.found = redacted.found
        return {
            **payload,
            **({"text": redacted.text} if redacted.found else {}),
            **({"digits": keyed} if keyed else {}),
        }

    def _reply(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """What comes from systems of record is heeded, so that it is known wherever it is said again."""
        sentences = payload.get("sentences", ())
        told = [{**one, "text": self._sentence(one)} for one in sentences]
        text = _text(payload, "text")
        self._pressed, self.keys_hidden, self._answered = 0, False, False
        expects = payload.get("expects")
        if expects == Expectation.THINKING:
            self.confided.wait()
        else:
            self._dictating = expects == Expectation.DICTATING
            self.confided.ask(text, number=self._dictating)
        return {
            **payload,
            **({"text": self.confided.hide(text)} if text else {}),
            **({"sentences": told} if told else {}),
        }

    def _sentence(self, sentence: Mapping[str, Any]) -> str:
        text = _text(sentence, "text")
        return self.confided.heed(text) if sentence.get("action") else self.confided.hide(text)

    def _field(self, name: str, value: Any, *, ours: bool, values: bool = False) -> Any:
        match value:
            case str():
                if not value or (name in _NAMES_OF_THINGS and not values):
                    return value
                kind = _named_for(name) if values else None
                if kind is not None:
                    self.confided.confide(value, kind)
                    return placeholder(kind)
                return self.confided.hide(value) if ours else self.confided.heed(value)
            case Mapping():
                inside = values or name in _VALUES
                return {key: self._field(str(key), item, ours=ours, values=inside) for key, item in value.items()}
            case list() | tuple():
                return [self._field(name, item, ours=ours, values=values) for item in value]
            case _ if is_dataclass(value) and not isinstance(value, type):
                return self._field(name, asdict(value), ours=ours, values=values)
            case int() | float() if values and not isinstance(value, bool):
                written = self._field(name, str(value), ours=ours, values=True)
                return value if written == str(value) else written
            case _:
                return value


def redacted_late(kind: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What may be written down of an event that came long after its call, whose caller's words nobody remembers."""
    return Redaction("ko").payload(kind, payload)


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name, "")
    return value if isinstance(value, str) else ""


def _named_for(name: str) -> PersonalKind | None:
    """What kind of personal data a value of that name is; ``customerName`` is ``customer_name``."""
    plain = _HUMP.sub("_", name)
    return next((kind for kind, pattern in _NAMED_FOR if pattern.search(plain)), None)


def _words(text: str, words: Sequence[Mapping[str, Any]], found: Sequence[Found]) -> list[Mapping[str, Any]]:
    """Recognized words, those of each find made one with its placeholder; none where they are not the text's."""
    kept: list[Mapping[str, Any]] = []
    within: Found | None = None
    at = 0
    for word in words:
        start = text.find(word["text"], at)
        if start < 0:
            return []
        at = start + len(word["text"])
        one = next((one for one in found if one.start < at and start < one.end), None)
        if one is None:
            kept.append(word)
        elif one is within:
            kept[-1] = {**kept[-1], "end": word["end"], "confidence": min(kept[-1]["confidence"], word["confidence"])}
        else:
            kept.append({**word, "text": placeholder(one.kind)})
        within = one
    return kept
