"""The language model that the settings name, ready to be asked, and each call's share of it.

``open_language_model`` is called once per process, ``LanguageModel.share`` once per call. Without a model the dialog is
what it is on the embedded default; nothing else depends on one.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialog.models.circuit_breaker import Backoff
from dialog.models.ctranslate import CtranslateGenerator
from dialog.models.ctranslate_host import ModelPlace
from dialog.models.generator import Generator, Limits, Prices
from dialog.models.guarded_generator import Budget, MeteredGenerator, SteadyGenerator
from dialog.models.openai_api import OpenAiGenerator, Server
from dialog.settings import LanguageModelSettings
from infra.errors import ConfigError


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """The language model of this process, with the ``settings`` that say what one call may have of it."""

    generator: Generator
    settings: LanguageModelSettings
    identity: str
    """Engine, model and quantization, for releases and the records of calls."""

    def share(self) -> MeteredGenerator:
        """One call's share of the model: no more tokens and no more cost than the settings allow a call."""
        settings = self.settings
        return MeteredGenerator(self.generator, Budget(settings.call_tokens, settings.call_cost), prices(settings))

    async def close(self) -> None:
        """Give connections and processes back."""
        await self.generator.close()


def identity(settings: LanguageModelSettings) -> str:
    """The model that the settings name, as records and releases call it; ``none`` where they name none."""
    match settings.engine:
        case "none":
            return "none"
        case "openai":
            return f"openai:{settings.model}"
        case "ctranslate2":
            return f"ctranslate2:{settings.folder.name if settings.folder else ''}:{settings.compute_type}"


async def open_language_model(settings: LanguageModelSettings) -> LanguageModel | None:
    """The model, with its retries and its circuit breaker; None where none is configured. Close it at the end.

    Raises ``ConfigError`` when the settings name none that could be asked, ``GeneratorError`` when one of our own does
    not load. A server is not asked whether it is there: it may come later.
    """
    generator: Generator
    match settings.engine:
        case "none":
            return None
        case "openai":
            if not settings.model:
                raise ConfigError("AICC_LLM_ENGINE is openai but AICC_LLM_MODEL names no model; name the server's")
            server = Server(settings.url, settings.model, settings.api_key, settings.connect_timeout)
            generator = OpenAiGenerator(server, prices(settings))
        case "ctranslate2":
            if settings.folder is None:
                raise ConfigError("AICC_LLM_ENGINE is ctranslate2 but AICC_LLM_FOLDER names no folder with a model")
            place = ModelPlace(
                settings.folder, settings.device, settings.compute_type, settings.threads, settings.context
            )
            own = CtranslateGenerator(place, processes=settings.processes, concurrency=settings.concurrency)
            await own.start()
            generator = own
    steady = SteadyGenerator(generator, backoff=Backoff(attempts=settings.attempts))
    return LanguageModel(steady, settings, identity(settings))


def prices(settings: LanguageModelSettings) -> Prices:
    """What tokens cost."""
    return Prices(settings.prompt_price, settings.completion_price)


def answer_limits(settings: LanguageModelSettings) -> Limits:
    """How much and how long a model may write for an answer."""
    return Limits(settings.answer_tokens, settings.first_token_timeout, settings.timeout)
