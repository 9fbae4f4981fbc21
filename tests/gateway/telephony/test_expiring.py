"""What is kept for a while, and once."""

from __future__ import annotations

from gateway.telephony.expiring import ExpiringStore


def test_a_value_is_taken_once_and_in_time() -> None:
    store: ExpiringStore[str] = ExpiringStore(seconds=10.0, most=2)
    assert store.put("a", "A", now=0.0)
    assert store.take("a", now=9.9) == "A"
    assert store.take("a", now=9.9) is None
    assert store.put("b", "B", now=0.0)
    assert store.take("b", now=10.0) is None


def test_a_full_store_refuses_what_comes_until_something_has_expired() -> None:
    store: ExpiringStore[int] = ExpiringStore(seconds=10.0, most=2)
    assert store.put("a", 1, now=0.0)
    assert store.put("b", 2, now=1.0)
    assert not store.put("c", 3, now=2.0)
    assert store.put("a", 4, now=3.0)  # the same key again needs no more room, and is good as long as a new one
    assert store.put("c", 3, now=11.5)
    assert (store.take("a", 12.0), store.take("b", 12.0), len(store)) == (4, None, 1)
