"""Calls as an agent's desk sees them, for tests: their cards, their events, and who has them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

AGENT = "agent-1"

COLLEAGUES = [
    {"agent": "agent-7", "name": "박도윤", "presence": "available", "routing": "idle"},
    {"agent": "supervisor-1", "name": "이하늘", "presence": "available", "routing": "idle"},
]

DISPOSITIONS = [
    {"id": "resolved", "name": {"ko": "해결됨", "en": "Resolved"}},
    {"id": "callback", "name": {"ko": "다시 연락 예정", "en": "Will call back"}},
    {"id": "escalated", "name": {"ko": "담당 부서로 이관", "en": "Passed to a department"}},
]

PRESENCES = [
    {"presence": "available", "reason": "", "name": {"ko": "받을 수 있음", "en": "Available"}},
    {"presence": "away", "reason": "", "name": {"ko": "자리 비움", "en": "Away"}},
    {"presence": "away", "reason": "break", "name": {"ko": "휴식", "en": "Break"}},
    {"presence": "away", "reason": "meal", "name": {"ko": "식사", "en": "Meal"}},
]


def moment(seconds: float = 0) -> str:
    """A moment so many seconds from now, as JSON has it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def waiting() -> list[dict[str, Any]]:
    """What waits in which queue."""
    return [
        {
            "id": "orders",
            "name": {"ko": "주문·배송·반품", "en": "Orders and delivery"},
            "waiting": 2,
            "answering": 6,
            "oldest_since": moment(-74),
            "estimate": {"seconds": 95, "method": "mean", "sample": 48},
            "service_level": 0.83,
        },
        {
            "id": "billing",
            "name": {"ko": "결제·환불", "en": "Billing and refunds"},
            "waiting": 0,
            "answering": 3,
            "oldest_since": None,
            "estimate": {"seconds": None, "method": "mean", "sample": 3},
            "service_level": 0.91,
        },
        {
            "id": "general",
            "name": {"ko": "일반 상담", "en": "General"},
            "waiting": 5,
            "answering": 8,
            "oldest_since": moment(-131),
            "estimate": {"seconds": 140, "method": "mean", "sample": 120},
            "service_level": 0.74,
        },
    ]


@dataclass
class Stream:
    """Events of one feed: numbered ones that stay, and passing ones that only those see who look on."""

    events: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    onlookers: set[asyncio.Queue[tuple[int | None, str, Any] | None]] = field(default_factory=set)

    @property
    def last(self) -> int:
        return self.events[-1][0] if self.events else 0

    def write(self, kind: str, data: dict[str, Any]) -> int:
        seq = self.last + 1
        self.events.append((seq, kind, data))
        self._show(seq, kind, data)
        return seq

    def tell(self, kind: str, data: Any) -> None:
        self._show(None, kind, data)

    def _show(self, seq: int | None, kind: str, data: Any) -> None:
        for onlooker in self.onlookers:
            onlooker.put_nowait((seq, kind, data))


@dataclass
class Call:
    """A live call: its card, its events, and who has it."""

    card: dict[str, Any]
    stream: Stream = field(default_factory=Stream)
    wrap_up: dict[str, str] = field(default_factory=lambda: {"summary": "", "disposition": "", "note": ""})
    latency: float = 0.0
    """Seconds by which its events leave later than they happened."""
    unheard: dict[str, Any] = field(default_factory=dict)
    """What has changed on its card, and no page hears of before a command was refused for it."""

    def happens(self, kind: str, **payload: Any) -> int:
        return self.stream.write(kind, {"at": moment(), **payload})

    def says(self, text: str, *, language: str = "ko", who: str = "caller") -> int:
        if who == "caller":
            return self.happens("caller.turn", text=text, language=language, confidence=0.93, silent=False, digits="")
        return self.happens("agent.turn", agent=AGENT, text=text, language=language, confidence=0.95)

    def partial(self, text: str, who: str = "caller") -> None:
        self.stream.tell("partial", {"speaker": who, "utterance": "u", "text": text})

    def comes_to(self, **told: Any) -> None:
        """What the call has come to by now is told, and stands on its card."""
        self.card["summary"]["known"] |= told["summary"]["known"]
        self.card |= {name: one for name, one in told.items() if name != "summary"}
        self.stream.tell("summary", told)

    def is_stale(self, epoch: int | None) -> bool:
        """Whether a command was decided under an epoch that is over; then what nobody had heard of is known."""
        self.card |= self.unheard
        self.unheard = {}
        return epoch is not None and epoch != self.card["epoch"]

    def change_hands(self, owner: str) -> None:
        who = {"agent": AGENT, "supervisor": "supervisor-1"}.get(owner, "")
        self.card |= {"owner": owner, "agent": who, "epoch": self.card["epoch"] + 1}
        self.happens("control.changed", owner=owner, agent=who, epoch=self.card["epoch"])


def korean_call(name: str = "call-1") -> Call:
    """A call in Korean that was handed over, as an agent gets it."""
    call = Call(
        {
            "call": name,
            "line": {"name": "한빛상점 고객센터", "number": "1588-0000"},
            "language": "ko",
            "caller": "010-****-4821",
            "asserted": None,
            "diverted": {"number": "02-1**-4567", "why": "no-answer"},
            "direction": "inbound",
            "started_at": moment(-184),
            "queue": "orders",
            "reason": "low_confidence",
            "owner": "bot",
            "epoch": 3,
            "verified": "knowledge",
            "summary": {
                "wish": "어제 왔어야 할 주문이 왜 늦는지, 언제 오는지 알고 싶어 함",
                "known": {"order_id": "2026-1182", "name": "김서연"},
                "tried": ["배송 조회: ‘집하 완료’에서 멈춤", "배송 지연 안내 문서로 답함, 고객이 받아들이지 않음"],
                "promised": ["오늘 안에 배송 상황을 알려 드리기"],
                "text": "주문 2026-1182의 배송 지연 문의. 조회 결과가 어제부터 그대로라 상담원에게 연결됨.",
                "earlier": ["11월 18일: 같은 주문의 결제 수단 변경 문의, 해결됨"],
            },
            "slots": {"product": "무선 청소기"},
            "sentiment": {"label": "negative", "why": "‘너무 늦다’, ‘벌써 세 번째’라고 말함"},
            "live_summary": "",
            "parties": [
                {"who": "caller", "role": "caller", "mode": "talk", "held": False, "muted": False},
                {"who": AGENT, "role": "agent", "mode": "talk", "held": False, "muted": False},
            ],
            "script": [
                {"id": "recording", "text": "통화가 녹음된다고 안내하기", "said": True},
                {"id": "identity", "text": "이름과 소속 밝히기", "said": False},
                {"id": "closing", "text": "더 도와드릴 일이 있는지 묻기", "said": False},
            ],
            "actions": [
                {
                    "name": "register_return",
                    "title": {"ko": "반품 접수", "en": "Register a return"},
                    "arguments": {
                        "type": "object",
                        "required": ["order_id", "reason"],
                        "properties": {
                            "order_id": {"type": "string", "title": {"ko": "주문번호", "en": "Order number"}},
                            "reason": {
                                "type": "string",
                                "title": {"ko": "사유", "en": "Reason"},
                                "enum": ["late", "damaged", "other"],
                            },
                            "pickup": {"type": "boolean", "title": {"ko": "방문 수거", "en": "Pick it up"}},
                        },
                    },
                },
                {
                    "name": "resend",
                    "title": {"ko": "재발송 요청", "en": "Send again"},
                    "arguments": {"type": "object", "properties": {"order_id": {"type": "string"}}},
                },
            ],
            "recording": True,
        }
    )
    call.wrap_up = {
        "summary": "주문 2026-1182 배송 지연 문의. 물류센터 확인 후 오늘 안에 연락하기로 함.",
        "disposition": "callback",
        "note": "",
    }
    call.happens(
        "caller.turn", text="주문한 청소기가 어제 온다고 했는데 아직도 안 왔어요", language="ko", confidence=0.94
    )
    call.happens("reply.decided", reply=1, text="주문번호를 말씀해 주시겠어요?", language="ko")
    call.happens("reply.heard", reply=1, text="주문번호를 말씀해 주시겠어요?", complete=True)
    call.happens("caller.turn", text="이천이십육 다시 일일팔이요", language="ko", confidence=0.9)
    call.happens("reply.decided", reply=2, text="어제 집하되었고, 보통 이틀 안에 도착합니다.", language="ko")
    call.happens("reply.heard", reply=2, text="어제 집하되었고, 보통 이틀", complete=False)
    call.happens("caller.turn", text="벌써 세 번째예요. 상담원 바꿔 주세요", language="ko", confidence=0.55)
    call.happens("handoff.queued", handoff="item-1", reason="low_confidence", queue="orders")
    return call


ANSWER = {
    "card": "card-1",
    "kind": "answer",
    "utterance": "u-9",
    "text": "집하 뒤 이틀이 지나면 물류센터에 위치 확인을 요청하고, 하루 안에 결과를 알려 드립니다.",
    "source": {
        "title": "배송 지연 안내",
        "document": "delivery/delays",
        "excerpt": "집하 완료 후 48시간 동안 이동 기록이 없으면 위치 확인을 요청한다. "
        "결과는 요청일부터 1영업일 안에 고객에게 알린다.",
        "effective_from": "2026-09-01",
    },
    "confidence": 0.87,
}
