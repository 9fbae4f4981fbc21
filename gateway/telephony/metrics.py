"""What the telephone's doors count, for Prometheus. Labels come from closed lists, never from the wire.

Refuses: numbers of the conversation; these are only of the wire.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

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
SIP_WORKERS_LOST: Final = Counter("aicc_telephony_sip_workers_lost", "SIP processes that died or were stuck")
SIP_WORKER_CPU: Final = Gauge(
    "aicc_telephony_sip_worker_cpu_seconds", "Processor time that a SIP process has used", ["worker"]
)
SIP_UNHEARD: Final = Counter(
    "aicc_telephony_sip_frames_unheard", "Frames of callers that the gateway was too busy to take from a SIP process"
)
SIP_REGISTERED: Final = Gauge("aicc_telephony_sip_registered", "Whether a trunk's registrar knows us", ["trunk"])
SIP_MOS: Final = Histogram(
    "aicc_telephony_sip_mos",
    "How calls will have sounded to us, estimated by loss, jitter and delay (1: bad, 4.4: as good as G.711 gets)",
    buckets=(2.0, 2.6, 3.1, 3.6, 4.0, 4.3),
)
