"""The model without a model keeps to the contract of models."""

from __future__ import annotations

import pytest

from dialog.models.generator import Author, End, GeneratorMalformed, Limits, Message, Piece, collect
from dialog.models.scripted_generator import ScriptedGenerator

LIMITS = Limits(tokens=50, first_token=1.0, seconds=5.0)
ASK = (Message(Author.USER, "주문 어디쯤이에요?"),)
SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}


async def test_it_writes_its_script_piece_by_piece() -> None:
    generator = ScriptedGenerator(lambda messages: f"들은 말: {messages[-1].text}")
    events = [event async for event in generator.stream(ASK, LIMITS)]
    assert [event.text for event in events if isinstance(event, Piece)] == ["들은 ", "말: ", "주문 ", "어디쯤이에요?"]
    assert isinstance(events[-1], End)
    assert (await collect(generator.stream(ASK, LIMITS))).text == "들은 말: 주문 어디쯤이에요?"
    assert generator.asked == [ASK, ASK]


@pytest.mark.parametrize("text", ["not JSON", '{"n": "one"}'])
async def test_it_breaks_a_schema_as_a_real_one_would(text: str) -> None:
    with pytest.raises(GeneratorMalformed):
        await ScriptedGenerator(lambda messages: text).generate(ASK, LIMITS, SCHEMA)
    assert (await ScriptedGenerator(lambda messages: '{"n": 1}').generate(ASK, LIMITS, SCHEMA)).text == '{"n": 1}'


async def test_it_scores_the_choice_that_it_names() -> None:
    generator = ScriptedGenerator(lambda messages: "B", scores_choices=True)
    assert (await generator.score_choices(ASK, ("A", "B"), LIMITS)).probabilities == pytest.approx((0.1, 0.9))
    assert (await generator.score_choices(ASK, ("X", "Y"), LIMITS)).probabilities == (0.5, 0.5)
