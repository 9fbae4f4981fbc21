from __future__ import annotations

import pickle

import pytest

from infra.errors import AiccError
from stt.errors import LanguageNotSupported, RecognizerUnavailable, SttError


def test_each_error_has_a_code_of_its_own_under_one_name() -> None:
    kinds = (SttError, LanguageNotSupported, RecognizerUnavailable)
    assert all(issubclass(kind, SttError) and issubclass(kind, AiccError) for kind in kinds)
    assert [kind.code for kind in kinds] == ["stt_error", "stt_language_not_supported", "stt_unavailable"]


@pytest.mark.parametrize("kind", [SttError, LanguageNotSupported, RecognizerUnavailable])
def test_an_error_comes_out_of_a_worker_process_as_itself(kind: type[SttError]) -> None:
    again = pickle.loads(pickle.dumps(kind("what to do")))
    assert type(again) is kind
    assert str(again) == "what to do"
