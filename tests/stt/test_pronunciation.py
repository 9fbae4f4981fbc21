from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stt import lm_trie, pronunciation
from stt.pronunciation import DictionaryUnreadable, pronounce, read_dictionary, to_phones, write_dictionary

needs_espeak = pytest.mark.skipif(
    not pronunciation.available(), reason='espeak-ng is not installed: pip install "aicc[espeak]" (GPL-3)'
)


@pytest.fixture(scope="module")
def bundled() -> dict[str, list[str]]:
    return read_dictionary(lm_trie.bundled_directory() / "cmudict-en-us.dict")


def test_the_bundled_dictionary_is_read_with_second_pronunciations(bundled: dict[str, list[str]]) -> None:
    assert bundled["order"] == ["AO R D ER"]
    assert len(bundled["a"]) == 2
    assert len(bundled) > 100_000
    assert not any("(" in word for word in bundled)


def test_a_dictionary_is_read_as_it_was_written(tmp_path: Path) -> None:
    words = {"route": ["R UW T", "R AW T"], "won't": ["W OW N T"]}
    path = tmp_path / "words.dict"
    write_dictionary(words, path)
    assert path.read_text(encoding="utf-8").splitlines()[1] == "route(2) R AW T"
    assert read_dictionary(path) == words


def test_a_missing_dictionary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DictionaryUnreadable, match="cannot be read"):
        read_dictionary(tmp_path / "nowhere.dict")


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [("ˈɔːɹdɚ", "AO R D ER"), ("hˈɑːnbɪt", "HH AA N B IH T"), ("tʃˈeɪndʒ", "CH EY N JH"), ("fˈaɪɚ", "F AY ER"),
     ("ɹᵻfˈʌnd", "R IH F AH N D"), ("θˈɪŋ", "TH IH NG"), (" ", None), ("", None), ("ʘa", None)],
)  # fmt: skip
def test_phonemes_become_phones_of_the_model(ipa: str, phones: str | None) -> None:
    assert to_phones(ipa) == phones


def test_every_phone_is_one_of_the_acoustic_models(bundled: dict[str, list[str]]) -> None:
    model = {phone for pronunciations in bundled.values() for said in pronunciations for phone in said.split()}
    assert {phone for _, phones in pronunciation._PHONES for phone in phones.split()} <= model


@needs_espeak
def test_names_that_no_dictionary_has_are_pronounced() -> None:
    found = pronounce(["hanbit", "seoulmate", "order"])
    assert set(found) == {"hanbit", "seoulmate", "order"}
    assert found["order"] == "AO R D ER"
    assert found["hanbit"].startswith("HH ")


@needs_espeak
def test_what_is_no_word_is_left_out() -> None:
    assert set(pronounce(["hanbit", "x", "한빛", "42", "", "a b"])) == {"hanbit"}
    assert pronounce(["한빛"]) == {}


def test_without_the_library_nothing_is_pronounced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pronunciation, "available", lambda: False)
    assert pronounce(["hanbit"]) == {}


def test_a_library_that_does_not_work_is_like_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("espeak", 1)

    monkeypatch.setattr(pronunciation, "available", lambda: True)
    monkeypatch.setattr(subprocess, "run", fails)
    assert pronounce(["hanbit"]) == {}
