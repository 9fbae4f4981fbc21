from __future__ import annotations

from gateway.session.utterances import Utterances
from stt.transcript import Transcript, Word


def said(number: int, text: str, *, final: bool = True, language: str = "en", confidence: float = 0.9) -> Transcript:
    words = tuple(Word(word, 0.0, 0.1, confidence) for word in text.split())
    return Transcript(number, text, words, final, language, confidence)


def test_the_words_of_several_finals_are_one_turn() -> None:
    heard = Utterances()
    for number, text in enumerate(("i want to return", "", "the blue jacket")):
        heard.asked()
        heard.take(said(number, text))
    assert heard.text == "i want to return the blue jacket"
    assert [word.text for word in heard.words] == "i want to return the blue jacket".split()
    assert not heard.awaited


def test_a_later_final_of_the_same_number_supersedes_the_earlier_one() -> None:
    heard = Utterances()
    heard.take(said(0, "i want to"))
    heard.take(said(0, "i want to return it"))
    assert heard.text == "i want to return it"


def test_the_partial_is_part_of_what_was_said_so_far() -> None:
    heard = Utterances()
    heard.take(said(0, "where is"))
    heard.take(said(1, "my order", final=False))
    assert (heard.text, heard.so_far) == ("where is", "where is my order")


def test_a_partial_that_goes_on_with_a_final_takes_its_place() -> None:
    heard = Utterances()
    heard.take(said(0, "i want to"))
    heard.take(said(0, "i want to return", final=False))
    assert heard.so_far == "i want to return"


def test_a_final_that_was_given_up_is_replaced_by_its_partial_and_never_comes_into_the_next_turn() -> None:
    heard = Utterances()
    heard.take(said(0, "where is my", final=False))
    heard.asked()
    heard.give_up()
    assert heard.text == "where is my"
    heard.clear()
    heard.asked()
    assert not heard.take(said(0, "where is my order"))
    assert heard.take(said(1, "thank you"))
    assert heard.text == "thank you"


def test_what_is_awaited_when_the_turn_is_cleared_belongs_to_nobody() -> None:
    heard = Utterances()
    heard.asked()
    heard.clear()
    assert not heard.take(said(0, "uh-huh"))
    assert heard.finals == ()


def test_the_rest_of_a_turn_that_was_ended_too_early_follows_its_beginning() -> None:
    heard = Utterances()
    heard.take(said(1, "the blue jacket"))
    heard.continues((said(0, "i want to return"),))
    assert heard.text == "i want to return the blue jacket"


def test_the_weakest_utterance_decides_and_the_most_spoken_language_counts() -> None:
    heard = Utterances()
    heard.take(said(0, "okay", confidence=0.4))
    heard.take(said(1, "배송 조회를 하고 싶어요", language="ko"))
    assert (heard.confidence, heard.language) == (0.4, "ko")
    assert Utterances().language is None
