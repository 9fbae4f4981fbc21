"""The configured model is opened, or nothing is, or the setting at fault is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialog.models.generator import Author, BudgetSpent, GeneratorRefused, Limits, Message
from dialog.models.language_model import LanguageModel, answer_limits, identity, open_language_model
from dialog.models.scripted_generator import ScriptedGenerator
from dialog.settings import LanguageModelSettings
from infra.errors import ConfigError
from tests.dialog.tinyllm import SAYS

ASK = (Message(Author.SYSTEM, "Answer."), Message(Author.USER, "배송비?"))


async def test_without_settings_there_is_none() -> None:
    assert await open_language_model(LanguageModelSettings()) is None


@pytest.mark.parametrize(("engine", "variable"), [("openai", "AICC_LLM_MODEL"), ("ctranslate2", "AICC_LLM_FOLDER")])
async def test_what_is_missing_is_named(engine: str, variable: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        await open_language_model(LanguageModelSettings.model_validate({"engine": engine}))


async def test_a_server_is_not_asked_whether_it_is_there() -> None:
    settings = LanguageModelSettings(engine="openai", model="small-ko", url="http://127.0.0.1:9/v1")
    model = await open_language_model(settings)
    assert model is not None and (model.identity, model.generator.scores_choices) == ("openai:small-ko", False)
    await model.close()


async def test_a_folder_is_loaded(reciter_folder: Path) -> None:
    settings = LanguageModelSettings(engine="ctranslate2", folder=reciter_folder, threads=1, first_token_timeout=20)
    model = await open_language_model(settings)
    assert model is not None and model.generator.scores_choices
    assert (await model.share().generate(ASK, answer_limits(settings))).text == SAYS
    await model.close()


async def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeneratorRefused):
        await open_language_model(LanguageModelSettings(engine="ctranslate2", folder=tmp_path))


async def test_a_call_has_its_share() -> None:
    scripted = ScriptedGenerator(lambda messages: "a long answer " * 20)
    model = LanguageModel(scripted, LanguageModelSettings(call_tokens=50), "scripted")
    metered = model.share()
    limits = Limits(tokens=40, first_token=1.0, seconds=1.0)
    await metered.generate(ASK, limits)
    with pytest.raises(BudgetSpent):
        await metered.generate(ASK, limits)
    await model.share().generate(ASK, limits)  # another call has its own


def test_records_name_engine_model_and_quantization() -> None:
    assert identity(LanguageModelSettings()) == "none"
    folder = LanguageModelSettings(engine="ctranslate2", folder=Path("/models/compact-ko"), compute_type="int8_float16")
    assert identity(folder) == "ctranslate2:compact-ko:int8_float16"
