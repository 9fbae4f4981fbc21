"""For how long what is kept of a contact is kept: three classes, each with its days. Pure.

``recording``: its sound. ``words``: whatever was said or written, and numbers and arguments beside it. ``record``: that
there was a contact, when, on which line, in which queue, and how it ended.

Refuses: whether a contact may go at all (a legal hold, something still to come). That is asked where the rows are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class DataClass(StrEnum):
    """What is kept of a contact, from what goes first to what stays longest."""

    RECORDING = "recording"
    WORDS = "words"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Retention:
    """A tenant's days for each class; ``None`` keeps it for good. Counted from the end of the contact."""

    recording_days: int | None
    words_days: int | None
    record_days: int | None

    def __post_init__(self) -> None:
        days = [days for days in (self.recording_days, self.words_days, self.record_days) if days is not None]
        if min(days, default=1) < 1:
            raise ValueError("what is kept is kept for a day at least")
        if self.record_days is not None and (self.words_days is None or self.words_days > self.record_days):
            raise ValueError("words cannot be kept longer than the record of the contact that they were said in")
        if self.words_days is not None and (self.recording_days is None or self.recording_days > self.words_days):
            raise ValueError("a recording holds the words: it cannot be kept longer than they are")

    def ended_before(self, what: DataClass, now: datetime) -> datetime | None:
        """Contacts that ended before this moment have been kept long enough; ``None``: none ever has."""
        match what:
            case DataClass.RECORDING:
                days = self.recording_days
            case DataClass.WORDS:
                days = self.words_days
            case DataClass.RECORD:
                days = self.record_days
        return None if days is None else now - timedelta(days=days)
