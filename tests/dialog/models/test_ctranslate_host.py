"""A model in a folder: loaded, prompted by its own template, writing and scoring."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from dialog.models.ctranslate_host import CtranslateHost, ModelPlace
from dialog.models.generator import Author, End, Finish, GeneratorError, GeneratorRefused, Message, Piece, Usage
from tests.dialog.tinyllm import SAYS

ASK = (Message(Author.SYSTEM, "Answer."), Message(Author.USER, "배송비?"))
PATIENCE = 20.0


@pytest.fixture(scope="module")
def reciter(reciter_folder: Path) -> CtranslateHost:
    return CtranslateHost(ModelPlace(reciter_folder, threads=1, context=400))


class Reader:
    """Collects what is emitted until the end."""

    def __init__(self) -> None:
        self.events: list[Piece | End | GeneratorError] = []
        self.ended = threading.Event()

    def __call__(self, event: Piece | End | GeneratorError) -> None:
        self.events.append(event)
        if not isinstance(event, Piece):
            self.ended.set()

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Piece))


def written(host: CtranslateHost, messages: Sequence[Message], tokens: int = 50) -> Reader:
    reader = Reader()
    host.open_session(reader).write(messages, tokens, PATIENCE)
    assert reader.ended.wait(PATIENCE)
    return reader


def test_it_writes_whole_characters_although_tokens_cut_them(reciter: CtranslateHost) -> None:
    reader = written(reciter, ASK)
    assert reader.text == SAYS
    assert all("\ufffd" not in event.text for event in reader.events if isinstance(event, Piece))
    end = reader.events[-1]
    assert isinstance(end, End)
    assert (end.finish, end.usage.completion_tokens) == (Finish.COMPLETE, 4)


def test_its_limit_of_tokens_holds(reciter: CtranslateHost) -> None:
    reader = written(reciter, ASK, tokens=2)
    assert reader.text in SAYS and reader.text != SAYS
    assert isinstance(reader.events[-1], End) and reader.events[-1].finish is Finish.TOO_LONG


@pytest.mark.parametrize("choices", [("A", "B", "C"), ("A", "B", "CA")])
def test_the_choice_that_it_prefers_gets_the_most(reciter: CtranslateHost, choices: tuple[str, ...]) -> None:
    probabilities, _ = reciter.score(ASK, choices)
    assert max(probabilities) == probabilities[1] > 0.9
    assert sum(probabilities) == pytest.approx(1.0)


def test_labels_cost_one_reading_of_the_prompt_and_texts_one_each(reciter: CtranslateHost) -> None:
    _, labels = reciter.score(ASK, ("A", "B", "C"))
    _, texts = reciter.score(ASK, ("AA", "BA", "CA"))
    assert texts.prompt_tokens == 3 * labels.prompt_tokens
    assert isinstance(labels, Usage) and labels.completion_tokens == 1


def test_labels_are_scored_as_texts_would_be(rambler_folder: Path) -> None:
    host = CtranslateHost(ModelPlace(rambler_folder, threads=1))
    static, own = host.prompt(ASK, 1)
    by_text, _ = host._score_texts([*static, *own], [["A"], ["B"], ["C"]])
    assert host.score(ASK, ("A", "B", "C"))[0] == pytest.approx(by_text, abs=1e-4)


def test_the_instructions_come_first_and_are_the_same_for_all(reciter: CtranslateHost) -> None:
    one, _ = reciter.prompt(ASK, 5)
    other, own = reciter.prompt((ASK[0], Message(Author.USER, "환불?")), 5)
    assert one == other and len(one) > 10
    assert own[-1] == "Ċ"
    assert reciter.prompt(ASK[1:], 5)[0] == []


def test_a_prompt_without_room_for_its_answer_is_refused(reciter: CtranslateHost) -> None:
    with pytest.raises(GeneratorRefused, match="AICC_LLM_CONTEXT"):
        reciter.prompt((ASK[0], Message(Author.USER, "x" * 400)), 5)
    reader = written(reciter, (ASK[0], Message(Author.USER, "x" * 400)))
    assert isinstance(reader.events[0], GeneratorRefused)


def test_keeping_the_state_of_the_instructions_changes_no_answer(rambler_folder: Path) -> None:
    warm = CtranslateHost(ModelPlace(rambler_folder, threads=1))
    questions = [(ASK[0], Message(Author.USER, text)) for text in ("배송비?", "환불 기간?", "배송비?")]
    texts = [written(warm, question, tokens=20).text for question in questions]
    fresh = [written(CtranslateHost(ModelPlace(rambler_folder, threads=1)), q, tokens=20).text for q in questions[:2]]
    assert texts == [*fresh, fresh[0]]
    assert fresh[0] != fresh[1]


def test_a_closed_answer_ends_at_its_next_token(rambler_folder: Path) -> None:
    host = CtranslateHost(ModelPlace(rambler_folder, threads=1))
    reader = Reader()
    writing = host.open_session(reader)
    writing.close()
    began = time.monotonic()
    writing.write(ASK, 3000, PATIENCE)
    assert reader.ended.wait(PATIENCE)
    end = reader.events[-1]
    assert isinstance(end, End) and end.usage.completion_tokens <= 1
    assert time.monotonic() - began < PATIENCE / 2


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeneratorRefused, match="ct2-transformers-converter"):
        CtranslateHost(ModelPlace(tmp_path))
