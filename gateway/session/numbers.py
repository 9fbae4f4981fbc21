"""Telephone numbers of people, and whatever else the network tells of them, as they lie in a call's record and log:
sealed. Pure.

The same number looks the same wherever it lies, so that calls are found, counted and erased by it, and nobody reads
there whose they are. Beside it lies, sealed as well, how it ends: who knows the last digits finds it without every
number being opened. The house's own numbers stay readable.

Refuses: masking. What was opened is the whole number; whoever shows it to people hides most of it
(``gateway.access.masking``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import orjson

from dialog.privacy.kinds import PersonalKind, placeholder
from gateway.session.errors import TenantNotServed
from gateway.session.records import CallRecord, ContactEvent, Direction, EventKind
from infra.storage.sealed_values import Keys
from infra.storage.sealed_words import MARK, SealedWords, open_sealed_words

WORDS: Final = "numbers"
"""The purpose for which a tenant's numbers are sealed."""

ENDING: Final = 4
"""Digits of a number by whose last ones it is found."""

HEADERS: Final = "headers"
"""The field of what the network said that is not one text but many, by their names."""

Numbers = Callable[[str], SealedWords]
"""What a tenant's numbers are sealed with. Raises ``TenantNotServed``."""

_OF_THE_LINE: Final = frozenset({"ani", "dnis", "caller", "asserted", "diverted_from", HEADERS})


@dataclass(frozen=True, slots=True)
class SealedCall(CallRecord):
    """A call's record as it lies, with how its customer's number ends: sealed, and none where it has too few digits."""

    number_ending: str | None


async def open_numbers(keys: Keys, tenants: Iterable[str]) -> dict[str, SealedWords]:
    """What these tenants' numbers are sealed with. Raises the storage's errors."""
    return {tenant: await open_sealed_words(keys, tenant, WORDS) for tenant in tenants}


def served(words: Mapping[str, SealedWords]) -> Numbers:
    """The same for whoever asks by tenant."""

    def of(tenant: str) -> SealedWords:
        found = words.get(tenant)
        if found is None:
            raise TenantNotServed(f"{tenant} is not served here: people's numbers of its calls cannot be read")
        return found

    return of


def customers_field(direction: str) -> str:
    """Which of a call's two numbers, ``caller`` and ``called``, is not ours."""
    return "called" if direction == Direction.OUTBOUND else "caller"


def digits_of(number: str) -> str:
    """A number's digits, however it is written."""
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", number))


def ending(number: str, words: SealedWords) -> str | None:
    """The last digits of a number, as they lie; None where there are fewer."""
    digits = digits_of(number)
    return words.seal(f"*{digits[-ENDING:]}") if len(digits) >= ENDING else None


def numbers_in(kind: str, payload: Mapping[str, Any]) -> Collection[str]:
    """The fields of an event that tell of people what only the network knows."""
    match kind:
        case EventKind.CALL_OFFERED:
            return (customers_field(str(payload.get("direction"))),)
        case EventKind.CALL_ANSWERED:
            return _OF_THE_LINE
        case EventKind.CALLBACK_REQUESTED:
            return ("number",)
        case _:
            return ()


def sealed_fields(kind: str, payload: Mapping[str, Any], words: SealedWords) -> dict[str, str]:
    """The same fields, as far as there is something in them, sealed."""
    values = {name: payload.get(name) for name in numbers_in(kind, payload)}
    return {name: words.seal(_written(value)) for name, value in values.items() if value}


def sealed_payload(kind: str, payload: Mapping[str, Any], words: SealedWords) -> Mapping[str, Any]:
    """An event's payload as it lies; itself where it tells of nobody."""
    fields = sealed_fields(kind, payload, words)
    return {**payload, **fields} if fields else payload


def opened_event(event: ContactEvent, words: SealedWords) -> ContactEvent:
    """An event as it was before it lay. Raises ``SealBroken``."""
    names = [name for name in numbers_in(event.kind, event.payload) if _is_sealed(event.payload.get(name))]
    if not names:
        return event
    told = {name: _read(name, words.unseal(event.payload[name])) for name in names}
    return replace(event, payload={**event.payload, **told})


def sealed_record(record: CallRecord, words: SealedWords) -> SealedCall:
    """A call's record as it lies."""
    field = customers_field(record.direction)
    number: str = getattr(record, field) or ""
    lies = {field: words.seal(number) if number else None, "number_ending": ending(number, words)}
    return SealedCall(**{**asdict(record), **lies})


def opened_record(record: CallRecord, words: SealedWords) -> CallRecord:
    """A call's record as it was before it lay. Raises ``SealBroken``."""
    field = customers_field(record.direction)
    number: str | None = getattr(record, field)
    told = {field: words.unseal(number)} if number else {}
    return replace(record, **told)  # type: ignore[arg-type]  # one of its two numbers, by name


def without_numbers(kind: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """An event's payload, whether it lies or was opened, for who is to learn that there was a number and not which."""
    veiled = {name: {} if name == HEADERS else placeholder(PersonalKind.PHONE) for name in numbers_in(kind, payload)}
    told = {name: value for name, value in veiled.items() if payload.get(name)}
    return {**payload, **told} if told else payload


def _written(value: Any) -> str:
    """A value as one text; several texts by their names are JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _read(name: str, text: str) -> Any:
    return orjson.loads(text) if name == HEADERS else text


def _is_sealed(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(MARK)
