"""Settings of the dialog: what the people who run it choose. What a tenant chooses stands in the tenant's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, SecretStr

from infra.config import Section, pairs


class DialogSettings(Section):
    """How long the dialog waits, and where back ends really are."""

    section: ClassVar[str] = "dialog"

    retrieval_limit: int = Field(default=5, ge=1, le=20, description="passages that are fetched for a question")
    retrieval_timeout: float = Field(default=2.0, gt=0, le=10, description="seconds that the knowledge has to answer")
    journal_timeout: float = Field(
        default=5.0, gt=0, le=30, description="seconds that the ledger has to acknowledge before an action is not told"
    )
    filler_after: float = Field(
        default=0.7, ge=0, le=10, description="seconds that an action may take before the caller is asked to wait"
    )
    history_limit: int = Field(
        default=400, ge=10, description="utterances of one conversation kept in memory, the oldest are dropped"
    )
    service_urls: Annotated[dict[str, str], BeforeValidator(pairs)] = Field(
        default={},
        description="base URLs of back ends that replace those in actions.yaml, as service=url, separated by commas",
    )
    service_tokens: Annotated[dict[str, SecretStr], BeforeValidator(pairs)] = Field(
        default={}, description="bearer tokens for MCP servers, as service=token, separated by commas"
    )
    action_modules: Annotated[dict[str, str], BeforeValidator(pairs)] = Field(
        default={},
        description="Python modules that offer actions, as name=module; actions.yaml calls them python:name",
    )


class LanguageModelSettings(Section):
    """Which language model helps, if any, and how much it may take."""

    section: ClassVar[str] = "llm"

    engine: Literal["none", "openai", "ctranslate2"] = Field(
        default="none",
        description="none: the embedded understander and extractive answers alone; openai: any server with OpenAI's "
        "chat completions; ctranslate2: a model in a folder, in processes of our own",
    )
    url: str = Field(default="http://127.0.0.1:8000/v1", description="base URL of the server, up to and with /v1")
    api_key: SecretStr | None = Field(default=None, description="key for the server, sent as a bearer token")
    model: str = Field(default="", description="the model's name at the server")
    folder: Path | None = Field(
        default=None, description="folder with a CTranslate2 model, its tokenizer.json and its chat template"
    )
    device: Literal["cpu", "cuda", "auto"] = Field(default="cpu", description="where a model of our own runs")
    compute_type: str = Field(default="int8", description="CTranslate2's quantization: int8, float16, int8_float16 …")
    processes: int = Field(default=1, ge=1, le=16, description="processes that each hold a model of our own")
    threads: int = Field(default=2, ge=1, le=64, description="CPU threads of each")
    concurrency: int = Field(default=2, ge=1, le=64, description="answers that each works on at once; more are refused")
    context: int = Field(default=4096, ge=256, description="tokens that a prompt and its answer may have together")
    connect_timeout: float = Field(default=1.0, gt=0, le=10, description="seconds to reach the server")
    first_token_timeout: float = Field(default=3.0, gt=0, le=30, description="seconds until an answer begins")
    timeout: float = Field(default=8.0, gt=0, le=60, description="seconds that a whole answer may take")
    understand_timeout: float = Field(
        default=1.2,
        gt=0,
        le=10,
        description="seconds that understanding a turn may take; then the embedded one decides",
    )
    answer_tokens: int = Field(default=200, ge=16, le=2000, description="tokens that an answer may have")
    attempts: int = Field(default=2, ge=1, le=5, description="how often the model is asked in all when it fails")
    call_tokens: int = Field(default=30_000, ge=0, description="tokens that one call may use, read and written")
    call_cost: float = Field(default=1.0, ge=0, description="what one call may cost, in the prices' currency")
    prompt_price: float = Field(default=0.0, ge=0, description="price of a thousand tokens read")
    completion_price: float = Field(default=0.0, ge=0, description="price of a thousand tokens written")


class MemorySettings(Section):
    """Remembering callers, where a tenant does (``memory:`` in its ``tenant.yaml``)."""

    section: ClassVar[str] = "memory"

    key: SecretStr | None = Field(
        default=None,
        description="what names in the memory are hashed with, the same on every node; none: one is made in the data "
        "directory. Whoever loses it has forgotten everybody",
    )
    recall_timeout: float = Field(
        default=0.15, gt=0, le=2, description="seconds that a greeting waits for what is remembered of the caller"
    )
