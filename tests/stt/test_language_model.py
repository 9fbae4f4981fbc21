from __future__ import annotations

import json
from pathlib import Path

import pytest

from stt import language_model, lm_trie, pronunciation
from stt.language_model import build_language_model, read_report, spoken_sentences
from stt.model_folder import CURRENT, DICTIONARY, MODEL, REPORT, current_model
from stt.pronunciation import read_dictionary

TEXTS = ["Can I cancel my Hanbitkart order? Returns take 3-5 days.\n배송은 3일 걸립니다.", "Gift wrapping costs $4.50."]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models") / "hanbit-store"


@pytest.fixture(scope="module")
def told() -> list[tuple[str, float]]:
    return []


@pytest.fixture(scope="module")
def folder(directory: Path, told: list[tuple[str, float]]) -> Path:
    """One real build; it takes some ten seconds."""
    return build_language_model(TEXTS, directory, lambda what, share: told.append((what, share)))


def test_a_build_is_whole_and_current(folder: Path, directory: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {MODEL, DICTIONARY, REPORT}
    assert current_model(directory) == folder
    assert {path.name for path in directory.iterdir()} == {CURRENT, folder.name}, "nothing half-built is left over"


def test_progress_is_told_from_nought_to_one(folder: Path, told: list[tuple[str, float]]) -> None:
    shares = [share for _, share in told]
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
    assert all(what for what, _ in told)


def test_the_report_counts_what_went_in(folder: Path) -> None:
    report = read_report(folder)
    model = lm_trie.read(folder / MODEL)
    assert report.words == len(model.words)
    assert report.bigrams == len(model.bigrams.word)
    assert report.trigrams == pytest.approx(len(model.trigrams.word), abs=0)
    assert language_model.COMMON_WORDS < report.words < language_model.COMMON_WORDS + report.own_words + 3
    assert report.sentences > 1000
    assert report.skipped == len(report.skipped_examples)


def test_the_tenants_own_word_is_in_the_model_where_it_can_be_said(folder: Path) -> None:
    report, words = read_report(folder), lm_trie.read(folder / MODEL).words
    dictionary = read_dictionary(folder / DICTIONARY)
    if pronunciation.available():
        assert "hanbitkart" in words
        assert dictionary["hanbitkart"]
    else:
        assert "hanbitkart" in report.skipped_examples
        assert "hanbitkart" not in words
    unsayable = set(words) - set(dictionary)
    assert unsayable == {"<s>", "</s>"}


def test_the_recognizer_finds_the_tenants_phrases_likelier(folder: Path) -> None:
    from pocketsphinx import Config, LogMath, NGramModel

    logarithms = LogMath()

    def likely(path: Path) -> float:
        model = NGramModel(Config(lw=1.0, wip=1.0), logarithms, str(path))
        return float(logarithms.log_to_log10(model.prob(["wrapping", "gift"])))

    assert likely(folder / MODEL) > likely(lm_trie.bundled_directory() / "en-us.lm.bin")


def test_the_same_texts_are_never_built_twice(folder: Path, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_model, "_build", _refuse)
    assert build_language_model(reversed([*TEXTS, "   "]), directory) == folder
    assert current_model(directory) == folder


def _refuse(*_: object) -> None:
    raise AssertionError("it was built again")


def test_other_texts_make_another_model_and_until_it_is_whole_the_old_one_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_use: list[Path | None] = []

    def quick(texts: list[str], folder: Path, _: object) -> None:
        in_use.append(current_model(tmp_path))
        (folder / REPORT).write_text(json.dumps(texts), encoding="utf-8")

    monkeypatch.setattr(language_model, "_build", quick)
    first = build_language_model(["one"], tmp_path)
    second = build_language_model(["one", "two"], tmp_path)
    assert first != second
    assert in_use == [None, first]
    assert current_model(tmp_path) == second


def test_a_build_that_fails_leaves_the_old_one_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_model, "_build", lambda _, folder, __: (folder / REPORT).write_text("{}"))
    first = build_language_model(["one"], tmp_path)

    def fails(_: object, folder: Path, __: object) -> None:
        (folder / MODEL).write_bytes(b"half a model")
        raise OSError("no space left")

    monkeypatch.setattr(language_model, "_build", fails)
    with pytest.raises(OSError, match="no space"):
        build_language_model(["two"], tmp_path)
    assert current_model(tmp_path) == first
    assert {path.name for path in tmp_path.iterdir()} == {CURRENT, first.name}


def test_questions_count_more_than_statements() -> None:
    learned = [" ".join(sentence) for sentence in spoken_sentences(["Is hanbitkart open?\nHanbitkart is closed."], {})]
    assert learned.count("is hanbitkart open") == language_model.QUESTIONS_COUNT
    assert learned.count("hanbitkart is closed") == 1
    assert learned.count("yes please") > 1, "the general phrasings are always there"
