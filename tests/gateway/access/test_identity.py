from __future__ import annotations

from gateway.access.identity import Identity, Role

KIM = Identity("shop", "u1", "Kim", frozenset({Role.AGENT, Role.ANALYST}), ("orders",))


def test_one_of_the_roles_suffices_and_none_asks_for_none() -> None:
    assert KIM.has_any((Role.SUPERVISOR, Role.ANALYST))
    assert not KIM.has_any((Role.SUPERVISOR, Role.ADMIN))
    assert KIM.has_any(())


def test_who_has_no_queues_of_their_own_serves_all() -> None:
    assert KIM.serves("orders") and not KIM.serves("returns")
    assert Identity("shop", "u2", "Lee", frozenset()).serves("returns")
