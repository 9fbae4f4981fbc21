"""Settings of the dialog."""

from __future__ import annotations

import pytest

from dialog.settings import DialogSettings, LanguageModelSettings
from infra.config import load
from infra.errors import ConfigError


def test_services_are_moved_by_one_variable() -> None:
    environment = {"AICC_DIALOG_SERVICE_URLS": "orders=http://10.0.0.5:8070, crm=https://crm.example/api"}
    settings = load(DialogSettings, environment)
    assert settings.service_urls == {"orders": "http://10.0.0.5:8070", "crm": "https://crm.example/api"}


def test_without_anything_the_defaults_hold() -> None:
    settings = load(DialogSettings, {})
    assert settings.service_urls == {}
    assert settings.retrieval_limit == 5


@pytest.mark.parametrize(
    ("variable", "value"),
    [("AICC_DIALOG_SERVICE_URLS", "http://10.0.0.5"), ("AICC_DIALOG_RETRIEVAL_TIMEOUT", "0")],
)
def test_what_cannot_be_used_is_named(variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        load(DialogSettings, {variable: value})


def test_tokens_of_services_stay_secret() -> None:
    settings = load(DialogSettings, {"AICC_DIALOG_SERVICE_TOKENS": "stock=a=b, crm=hidden"})
    assert settings.service_tokens["stock"].get_secret_value() == "a=b"
    assert "hidden" not in repr(settings)


def test_no_language_model_is_asked_unless_one_is_named_and_its_key_stays_secret() -> None:
    assert load(LanguageModelSettings, {}).engine == "none"
    settings = load(LanguageModelSettings, {"AICC_LLM_ENGINE": "openai", "AICC_LLM_API_KEY": "sk-hidden"})
    assert "sk-hidden" not in repr(settings)
    assert settings.api_key is not None and settings.api_key.get_secret_value() == "sk-hidden"
