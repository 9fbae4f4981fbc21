"""What the telephone's doors count, for Prometheus. Labels come from closed lists, never from the wire.

Refuses: numbers of the conversation; these are only of the wire.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge

LEGS_OPEN: Final = Gauge("aicc_telephony_legs_open", "Legs that are open now", ["protocol"])
LEGS_ENDED: Final = Counter("aicc_telephony_legs_ended", "Legs that ended, by what ended them", ["protocol", "cause"])
VIOLATIONS: Final = Counter(
    "aicc_telephony_violations", "Breaches of a wire protocol, each answered by a close", ["protocol", "violation"]
)
SIGNATURES_REFUSED: Final = Counter(
    "aicc_telephony_signatures_refused", "Requests whose signature was wrong or missing", ["door"]
)
WEBHOOKS: Final = Counter("aicc_telephony_webhooks", "Webhook requests, by their answer", ["door", "answer"])
CALLS_REFUSED: Final = Counter("aicc_telephony_calls_refused", "Calls that were not taken", ["door", "reason"])
CALL_STATUSES: Final = Counter("aicc_telephony_call_statuses", "Call states as the carrier reported them", ["status"])
FRAMES_DROPPED: Final = Counter(
    "aicc_telephony_frames_dropped", "Frames for the far end that found the send queue full", ["protocol"]
)
MARKS_WITHHELD: Final = Counter(
    "aicc_telephony_marks_withheld", "Marks not sent because sound before them was dropped", ["protocol"]
)
ODD_MESSAGES: Final = Counter(
    "aicc_telephony_odd_messages",
    "What was borne with: unknown events, gaps in sequence, late chunks",
    ["protocol", "kind"],
)
SOUND_FILLED: Final = Counter(
    "aicc_telephony_sound_filled_seconds", "Silence put in where the caller's sound was lost", ["protocol"]
)
