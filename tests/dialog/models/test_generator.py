"""What all language models have in common."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from dialog.models.generator import (
    Author,
    End,
    Finish,
    GeneratorUnavailable,
    Message,
    Piece,
    Prices,
    Usage,
    collect,
    estimated_prompt,
    estimated_tokens,
)


async def of(*events: Piece | End) -> AsyncGenerator[Piece | End, None]:
    for event in events:
        yield event


async def test_a_stream_is_collected_to_its_end() -> None:
    generation = await collect(of(Piece("배송비는 "), Piece("무료입니다."), End(Finish.COMPLETE, Usage(10, 4))))
    assert generation.text == "배송비는 무료입니다."
    assert generation.usage.tokens == 14


async def test_a_stream_without_an_end_broke_off() -> None:
    with pytest.raises(GeneratorUnavailable, match="broke off"):
        await collect(of(Piece("half a sen")))


def test_usage_adds_up_and_has_a_price() -> None:
    prices = Prices(prompt=0.5, completion=2.0)
    total = prices.usage(1000, 100) + prices.usage(500, 0)
    assert (total.prompt_tokens, total.completion_tokens) == (1500, 100)
    assert total.cost == pytest.approx(0.95)


def test_tokens_are_estimated_alike_for_both_languages() -> None:
    assert estimated_tokens("배송비") == 3
    assert estimated_tokens("delivery") == 3
    assert estimated_prompt([Message(Author.SYSTEM, "배송"), Message(Author.USER, "")]) == 2
