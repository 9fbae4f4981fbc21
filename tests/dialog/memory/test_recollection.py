from __future__ import annotations

from datetime import UTC, datetime

from dialog.memory.memory import Agreement, EarlierContact, Remembered
from dialog.memory.recollection import Recollection

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
YES, NO = Agreement(True, NOW, "ko:1"), Agreement(False, NOW, "ko:1")


def contact(name: str) -> EarlierContact:
    return EarlierContact(name, NOW, "phone", "ko", "returns")


def test_the_customer_comes_before_the_number() -> None:
    mine = Recollection(number="number:1", by_number=Remembered(YES, contacts=(contact("b"),)))
    assert mine.standing is mine.by_number
    mine.customer, mine.by_customer = "customer:1", Remembered(YES, contacts=(contact("a"),))
    assert mine.subjects == ("customer:1", "number:1")
    assert mine.standing is mine.by_customer
    assert [one.contact for one in mine.contacts] == ["a", "b"]


def test_a_customer_of_whom_nothing_is_known_does_not_inherit_the_numbers_answer() -> None:
    mine = Recollection(number="number:1", by_number=Remembered(YES), customer="customer:1")
    assert mine.standing is None


def test_contacts_of_whom_did_not_agree_are_shown_to_nobody() -> None:
    mine = Recollection(number="number:1", by_number=Remembered(NO, contacts=(contact("a"),)))
    assert mine.contacts == ()


def test_flows_learn_under_which_names_the_caller_is_known() -> None:
    assert Recollection().as_caller() == {"remembered_as": "nobody"}
    assert Recollection(number="number:1").as_caller() == {"by_number": "number:1", "remembered_as": "somebody"}


def test_who_wants_to_be_forgotten_is() -> None:
    mine = Recollection("number:1", "customer:1", Remembered(YES), Remembered(YES), asked="ko:1", agreement=YES)
    mine.forget()
    assert mine.forgotten
    assert (mine.by_number, mine.by_customer, mine.agreement, mine.contacts) == (None, None, None, ())
