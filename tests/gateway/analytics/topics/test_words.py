from __future__ import annotations

import pytest

from gateway.analytics.topics.words import terms_of
from knowledge.errors import KnowledgeError


def test_english_words_stand_for_their_stems() -> None:
    assert terms_of("When will the deliveries arrive?", "en") == {"deliveri": "deliveries", "arriv": "arrive"}


def test_korean_morphemes_lose_their_particles_and_words_that_only_ask() -> None:
    assert set(terms_of("배송이 언제 도착하는지 확인 부탁드려요", "ko")) == {"배송", "도착"}
    assert set(terms_of("배송은 어떻게 도착하나요", "ko")) == {"배송", "도착"}


def test_korean_verbs_are_shown_as_a_dictionary_has_them() -> None:
    assert terms_of("비밀번호를 바꾸고 싶어요", "ko") == {"비밀": "비밀", "번호": "번호", "바꾸": "바꾸다"}


@pytest.mark.parametrize(
    ("text", "language"),
    [("[card] 4111****1111 2026••••", "en"), ("[phone] 010-****-5678 입니다", "ko"), ("42 7", "en"), ("", "ko")],
)
def test_what_was_masked_and_bare_numbers_are_no_terms(text: str, language: str) -> None:
    assert terms_of(text, language) == {}


def test_a_language_that_we_do_not_speak_is_refused() -> None:
    with pytest.raises(KnowledgeError):
        terms_of("bonjour", "fr")
