"""Suites are tested without a model: words alone find what these small corpora hold, and nothing has to be loaded."""

import pytest


@pytest.fixture(autouse=True)
def _words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AICC_KNOWLEDGE_MODEL_LANGUAGES", "")
