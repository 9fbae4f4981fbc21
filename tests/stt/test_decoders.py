from __future__ import annotations

from stt.decoders import Decoders


class Counter:
    """Makes numbered decoders."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, key: str) -> str:
        self.made.append(key)
        return f"{key}{len(self.made)}"


def test_a_decoder_that_came_back_is_lent_again() -> None:
    make = Counter()
    decoders = Decoders(make, most=2)
    taken: list[str] = []
    decoders.ask("a", taken.append)
    decoders.give_back("a", taken[0])
    decoders.ask("a", taken.append)
    assert taken == ["a1", "a1"]


def test_over_the_limit_callers_stand_in_line_and_are_served_in_order() -> None:
    make = Counter()
    decoders = Decoders(make, most=1)
    taken: list[tuple[str, str]] = []
    for name in ("first", "second", "third"):
        decoders.ask("a", lambda decoder, name=name: taken.append((name, decoder)))  # type: ignore[misc]
    assert taken == [("first", "a1")]
    decoders.give_back("a", "a1")
    decoders.give_back("a", "a1")
    assert [name for name, _ in taken] == ["first", "second", "third"]
    assert make.made == ["a"]


def test_who_gives_back_while_taking_lets_the_next_have_it() -> None:
    decoders = Decoders(Counter(), most=1)
    served: list[int] = []

    def take(number: int, decoder: str) -> None:
        served.append(number)
        decoders.give_back("a", decoder)

    for number in range(500):
        decoders.ask("a", lambda decoder, number=number: take(number, decoder))  # type: ignore[misc]
    assert served == list(range(500))


def test_who_withdraws_is_not_served() -> None:
    decoders = Decoders(Counter(), most=1)
    taken: list[str] = []
    decoders.ask("a", taken.append)
    request = decoders.ask("a", taken.append)
    decoders.withdraw(request)
    decoders.withdraw(request)
    decoders.give_back("a", taken[0])
    assert len(taken) == 1


def test_another_model_takes_the_place_of_the_one_that_was_idle_longest() -> None:
    make = Counter()
    decoders = Decoders(make, most=2)
    taken: list[str] = []
    for key in ("a", "b"):
        decoders.ask(key, taken.append)
    decoders.give_back("a", "a1")
    decoders.give_back("b", "b2")
    decoders.ask("c", taken.append)
    decoders.ask("b", taken.append)
    assert taken == ["a1", "b2", "c3", "b2"]


def test_what_is_prepared_is_made_once() -> None:
    make = Counter()
    decoders = Decoders(make, most=2)
    decoders.prepare("a")
    decoders.prepare("a")
    assert make.made == ["a"]
