from __future__ import annotations

import pytest

from infra.config import load
from infra.errors import ConfigError
from knowledge.settings import KnowledgeSettings, QdrantSettings


def test_everything_embedded_is_the_default() -> None:
    assert load(QdrantSettings, {}).url is None
    settings = load(KnowledgeSettings, {})
    assert settings.model is None
    assert settings.model_languages == ("en",)


def test_languages_come_as_a_list_with_commas() -> None:
    settings = load(KnowledgeSettings, {"AICC_KNOWLEDGE_MODEL_LANGUAGES": "en, ko"})
    assert settings.model_languages == ("en", "ko")


def test_the_key_of_the_server_is_not_printed() -> None:
    settings = load(QdrantSettings, {"AICC_QDRANT_URL": "http://qdrant:6333", "AICC_QDRANT_API_KEY": "s3cret"})
    assert settings.url == "http://qdrant:6333"
    assert "s3cret" not in repr(settings)


def test_a_limit_that_makes_no_sense_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="AICC_KNOWLEDGE_FILE_BYTES"):
        load(KnowledgeSettings, {"AICC_KNOWLEDGE_FILE_BYTES": "0"})
