"""A model of our own in worker processes."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from dialog.models.ctranslate import CtranslateGenerator
from dialog.models.ctranslate_host import ModelPlace
from dialog.models.generator import (
    Author,
    GeneratorRefused,
    GeneratorTimedOut,
    GeneratorUnavailable,
    Limits,
    Message,
    Piece,
)
from tests.dialog.tinyllm import SAYS

LIMITS = Limits(tokens=50, first_token=20.0, seconds=30.0)
ASK = (Message(Author.SYSTEM, "Answer."), Message(Author.USER, "배송비?"))


@pytest.fixture
async def generator(reciter_folder: Path) -> AsyncIterator[CtranslateGenerator]:
    model = CtranslateGenerator(ModelPlace(reciter_folder, threads=1), concurrency=1)
    await model.start()
    yield model
    await model.close()


async def test_it_writes_scores_and_names_itself(generator: CtranslateGenerator, reciter_folder: Path) -> None:
    generation = await generator.generate(ASK, LIMITS)
    assert generation.text == SAYS
    assert generation.usage.completion_tokens == 4
    scores = await generator.score_choices(ASK, ("A", "B"), LIMITS)
    assert scores.probabilities[1] > 0.9
    assert generator.scores_choices and generator.name == reciter_folder.name
    with pytest.raises(GeneratorRefused, match="schema"):
        await generator.generate(ASK, LIMITS, {"type": "object"})


async def test_a_stream_that_is_closed_gives_its_place_back(generator: CtranslateGenerator) -> None:
    async with aclosing(generator.stream(ASK, LIMITS)) as events:
        assert isinstance(await anext(events), Piece)
        with pytest.raises(GeneratorUnavailable, match="process to spare"):
            await generator.generate(ASK, LIMITS)
    assert (await generator.generate(ASK, LIMITS)).text == SAYS


async def test_what_does_not_come_in_time_is_given_up(generator: CtranslateGenerator) -> None:
    with pytest.raises(GeneratorTimedOut):
        await generator.generate(ASK, Limits(tokens=50, first_token=0.0, seconds=0.0))
    with pytest.raises(GeneratorTimedOut):
        await generator.score_choices(ASK, ("A", "B"), Limits(tokens=5, first_token=0.0, seconds=0.0))
    with pytest.raises(GeneratorRefused, match="LLM_CONTEXT"):
        await generator.generate((ASK[0], Message(Author.USER, "x" * 9000)), LIMITS)


async def test_a_process_that_dies_is_started_again(generator: CtranslateGenerator) -> None:
    os.kill(generator._pool.pids[0], signal.SIGKILL)
    text = ""
    while not text:
        try:
            text = (await generator.generate(ASK, LIMITS)).text
        except GeneratorUnavailable:
            continue
    assert text == SAYS


async def test_a_folder_without_a_model_is_refused_at_the_start(tmp_path: Path) -> None:
    generator = CtranslateGenerator(ModelPlace(tmp_path))
    with pytest.raises(GeneratorRefused, match="does not load"):
        await generator.start()
    await generator.close()
