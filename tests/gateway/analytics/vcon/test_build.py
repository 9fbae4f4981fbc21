from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest

from gateway.analytics.vcon.build import vcon_of
from gateway.analytics.vcon.errors import CallGoesOn
from tests.gateway.analytics.vcon.profile import HANDED_OVER, ISSUER, SOUND, events, mistakes, record

MOVED = (
    *HANDED_OVER[:8],
    ("transfer.failed", {"handoff": "h1", "target": "support-desk", "way": "refer", "failure": "busy", "code": 486}),
    ("call.transferred", {"destination": "고객지원팀", "mode": "blind", "target": "support-desk", "way": "refer"}),
    ("call.ended", {"reason": "transferred"}),
)


@pytest.mark.parametrize("sound", [None, SOUND], ids=["words", "recording"])
@pytest.mark.parametrize(
    "told", [HANDED_OVER, MOVED, HANDED_OVER[:1], ()], ids=["handed over", "moved", "silent", "nothing"]
)
def test_a_call_is_a_vcon_without_mistakes(told: Any, sound: Any) -> None:
    vcon = vcon_of(record(), events(*told), ISSUER, sound)
    assert mistakes(vcon) == []
    assert orjson.loads(orjson.dumps(vcon)) == vcon


def test_the_same_call_is_the_same_vcon() -> None:
    one = vcon_of(record(), events(*HANDED_OVER), ISSUER)
    assert one == vcon_of(record(), events(*HANDED_OVER), ISSUER)
    assert one["uuid"] != vcon_of(record(call_id="c2"), events(), ISSUER)["uuid"]


def test_what_came_after_the_end_moves_the_time_of_the_last_change() -> None:
    late = events(*HANDED_OVER)[-1].at
    ended = record(ended_at=late.replace(second=0))
    assert vcon_of(ended, events(*HANDED_OVER), ISSUER)["updated_at"] == late.isoformat()


def test_a_call_that_goes_on_is_refused() -> None:
    with pytest.raises(CallGoesOn):
        vcon_of(record(ended_at=None, end_reason=None), events(), ISSUER)


def test_an_erased_call_says_so_and_nothing_of_what_was_said() -> None:
    erased = [(kind, {"erased": "e1"}) for kind, _ in HANDED_OVER]
    vcon = vcon_of(record(), events(*erased, ("contact.erased", {"erasure": "e1", "by": "caller"})), ISSUER)
    assert mistakes(vcon) == []
    assert vcon["redacted"] == {"type": "erasure"}
    assert [dialog["type"] for dialog in vcon["dialog"]] == ["recording"]


def test_no_number_of_a_customer_gets_out() -> None:
    vcon = vcon_of(record(), events(*HANDED_OVER), ISSUER, SOUND)
    assert b"1012345678" not in orjson.dumps(vcon)


def _spoil(vcon: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    spoiled = copy.deepcopy(vcon)
    inner = spoiled
    for step in path[:-1]:
        inner = inner[step]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return spoiled


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("uuid",), "0190a5d0-0000-7000-8000-000000000000"),
        (("created_at",), "2026-11-22T01:00:00"),
        (("dialog", 0, "content_hash"), None),
        (("dialog", 0, "content_hash"), "sha512-zz"),
        (("dialog", 0, "url"), None),
        (("dialog", 0, "duration"), -1),
        (("dialog", 0, "parties"), [0, 1, 2]),
        (("dialog", 0, "parties"), [0, 9]),
        (("dialog", 0, "party_history", 0, "event"), "vanish"),
        (("dialog", 3, "transfer_target"), 9),
        (("dialog", 3, "original"), 9),
        (("dialog", 3, "parties"), [0, 1]),
        (("dialog", 1, "disposition"), None),
        (("analysis", 0, "body"), "{}"),
        (("analysis", 0, "dialog"), 9),
        (("attachments", 0, "party"), 9),
        (("redacted",), {"type": "x"}),
    ],
    ids=lambda part: "-".join(map(str, part)) if isinstance(part, tuple) else None,
)
def test_the_profile_finds_what_the_drafts_schema_lets_pass(path: tuple[Any, ...], value: Any) -> None:
    stored = ("recording.stored", {"seconds": 20.0})
    vcon = vcon_of(record(), events(*MOVED, stored), ISSUER, SOUND)
    assert mistakes(vcon) == []
    assert mistakes(_spoil(vcon, *path, value=value))
