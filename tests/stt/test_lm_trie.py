from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stt import lm_trie
from stt.lm_trie import Bigrams, LanguageModel, LanguageModelUnreadable, Trigrams, Unigrams

WORDS = ("<s>", "</s>", "check", "my", "order", "please")
BIGRAMS = ((0, 2), (2, 3), (3, 4), (4, 1), (4, 5), (5, 1))  # numbers of words, sorted
TRIGRAMS = ((0, 3), (1, 4), (2, 1), (2, 5))  # a bigram and the word after it


def small_model() -> LanguageModel:
    """Every figure is another one, so that nothing can be mixed up unnoticed."""
    draw = np.random.default_rng(7)

    def figures(count: int) -> np.ndarray:
        return -np.sort(draw.uniform(0.1, 3.0, count))

    return LanguageModel(
        WORDS,
        Unigrams(figures(6), figures(6) / 10),
        Bigrams(
            np.array([h for h, _ in BIGRAMS]), np.array([w for _, w in BIGRAMS]), figures(6), draw.uniform(-1, -0.1, 6)
        ),
        Trigrams(np.array([h for h, _ in TRIGRAMS]), np.array([w for _, w in TRIGRAMS]), figures(4)),
    )


def written(model: LanguageModel, folder: Path) -> Path:
    path = folder / "small.lm.bin"
    lm_trie.write(model, path)
    return path


@pytest.fixture(scope="module")
def bundled() -> LanguageModel:
    return lm_trie.bundled_model()


def recognizers_own(path: Path):  # type: ignore[no-untyped-def]
    """The recognizer's reading of a file: a function from words, oldest first, to the log10 of the last one's share."""
    from pocketsphinx import Config, LogMath, NGramModel

    logarithms = LogMath()
    model = NGramModel(Config(lw=1.0, wip=1.0), logarithms, str(path))
    return lambda *words: logarithms.log_to_log10(model.prob(list(reversed(words))))


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    model = small_model()
    again = lm_trie.read(written(model, tmp_path))
    assert again.words == model.words
    for level in ("unigrams", "bigrams", "trigrams"):
        for field in ("history", "word", "probability", "backoff"):
            if hasattr(getattr(model, level), field):
                mine, theirs = getattr(getattr(model, level), field), getattr(getattr(again, level), field)
                np.testing.assert_allclose(theirs, mine, atol=1e-5, err_msg=f"{level}.{field}")


def test_what_was_written_says_the_same_to_the_recognizer(tmp_path: Path) -> None:
    model = small_model()
    share = recognizers_own(written(model, tmp_path))
    for index, word in enumerate(WORDS):
        assert share(word) == pytest.approx(model.unigrams.probability[index], abs=1e-3)
    for index, (history, word) in enumerate(BIGRAMS):
        assert share(WORDS[history], WORDS[word]) == pytest.approx(model.bigrams.probability[index], abs=1e-3)
    for index, (pair, word) in enumerate(TRIGRAMS):
        words = (*(WORDS[number] for number in BIGRAMS[pair]), WORDS[word])
        assert share(*words) == pytest.approx(model.trigrams.probability[index], abs=1e-3)


def test_the_recognizer_backs_off_with_the_weights_that_were_written(tmp_path: Path) -> None:
    model = small_model()
    share = recognizers_own(written(model, tmp_path))
    unseen = model.unigrams.backoff[2] + model.unigrams.probability[5]  # "check please"
    assert share("check", "please") == pytest.approx(unseen, abs=1e-3)
    ended = model.bigrams.backoff[2] + model.unigrams.backoff[4] + model.unigrams.probability[2]  # "my order check"
    assert share("my", "order", "check") == pytest.approx(ended, abs=1e-3)


def test_the_bundled_model_is_read_as_the_recognizer_reads_it(bundled: LanguageModel) -> None:
    share = recognizers_own(lm_trie.bundled_directory() / "en-us.lm.bin")
    words, draw = bundled.words, np.random.default_rng(1)
    assert len(words) > 15_000
    for index in draw.integers(0, len(words), 50):
        assert share(words[index]) == pytest.approx(bundled.unigrams.probability[index], abs=1e-3)
    for index in draw.integers(0, len(bundled.bigrams.word), 50):
        pair = bundled.bigrams.history[index], bundled.bigrams.word[index]
        assert share(*(words[number] for number in pair)) == pytest.approx(bundled.bigrams.probability[index], abs=1e-3)
    for index in draw.integers(0, len(bundled.trigrams.word), 50):
        pair_number = bundled.trigrams.history[index]
        whole = (
            bundled.bigrams.history[pair_number], bundled.bigrams.word[pair_number], bundled.trigrams.word[index]
        )  # fmt: skip
        said = share(*(words[number] for number in whole))
        assert said == pytest.approx(bundled.trigrams.probability[index], abs=1e-3)


def test_histories_are_sorted(bundled: LanguageModel) -> None:
    for level in (bundled.bigrams, bundled.trigrams):
        keys = level.history * len(bundled.words) + level.word
        assert (np.diff(keys) > 0).all()


def test_a_model_without_trigrams_is_still_one(tmp_path: Path) -> None:
    model = small_model()
    none = np.zeros(0, np.int64)
    poor = LanguageModel(model.words, model.unigrams, model.bigrams, Trigrams(none, none, np.zeros(0)))
    again = lm_trie.read(written(poor, tmp_path))
    assert len(again.trigrams.word) == 0
    np.testing.assert_allclose(again.bigrams.probability, model.bigrams.probability, atol=1e-5)


def test_a_trigram_without_its_bigram_is_refused(tmp_path: Path) -> None:
    model = small_model()
    stray = Trigrams(
        np.array([0]), np.array([5]), np.array([-1.0])
    )  # "<s> check please", but nobody says "check please"
    with pytest.raises(ValueError, match="not a bigram"):
        written(LanguageModel(model.words, model.unigrams, model.bigrams, stray), tmp_path)


def test_a_file_that_is_missing_foreign_or_cut_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LanguageModelUnreadable, match="cannot be read"):
        lm_trie.read(tmp_path / "nowhere")
    foreign = tmp_path / "foreign"
    foreign.write_bytes(b"this is a text and no model of anything")
    with pytest.raises(LanguageModelUnreadable, match="not a binary trigram model"):
        lm_trie.read(foreign)
    whole = written(small_model(), tmp_path).read_bytes()
    for length in (30, 1000, len(whole) - 60):
        foreign.write_bytes(whole[:length])
        with pytest.raises(LanguageModelUnreadable, match="damaged"):
            lm_trie.read(foreign)
    foreign.write_bytes(b"")
    with pytest.raises(LanguageModelUnreadable):
        lm_trie.read(foreign)
    foreign.write_bytes(lm_trie.MAGIC)
    with pytest.raises(LanguageModelUnreadable):
        lm_trie.read(foreign)
