"""What stands for a value."""

from __future__ import annotations

from dialog.privacy.kinds import PLACEHOLDER, Found, PersonalKind, placeholder, replaced


def test_every_kind_has_a_placeholder_of_its_own() -> None:
    assert placeholder(PersonalKind.CARD) == "[card]"
    assert len({placeholder(kind) for kind in PersonalKind}) == len(PersonalKind)
    assert all(PLACEHOLDER.fullmatch(placeholder(kind)) for kind in PersonalKind)
    assert PLACEHOLDER.search("[menu]") is None


def test_values_are_replaced_where_they_stand() -> None:
    found = (Found(2, 4, PersonalKind.NAME), Found(5, 6, PersonalKind.PHONE))
    assert replaced("a bc d", found) == "a [name] [phone]"
