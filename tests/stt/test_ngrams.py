from __future__ import annotations

import itertools

import numpy as np
import pytest

from stt.lm_trie import Bigrams, LanguageModel, Trigrams, Unigrams
from stt.ngrams import NEVER, Trigram, find, interpolate, over_vocabulary, witten_bell

VOCABULARY = ("<s>", "</s>", "cancel", "my", "order", "please", "refund")
SENTENCES = [["cancel", "my", "order"], ["cancel", "my", "order", "please"], ["my", "refund", "please"], ["order"]]
SIZE = len(VOCABULARY)
EVERY = np.arange(SIZE)
NUMBER = {word: index for index, word in enumerate(VOCABULARY)}


def all_of(value: int) -> np.ndarray:
    return np.full(SIZE, value)


def generic_model() -> LanguageModel:
    """A small proper backoff model, its words in another order: "order refund" is likely, the rest backs off."""
    words = ("</s>", "<s>", "elsewhere", "order", "refund", "my")
    share = np.array([0.2, 1e-20, 0.2, 0.2, 0.2, 0.2])
    told, covered = 0.6, share[4]
    weight = np.ones(6)
    weight[3] = (1 - told) / (1 - covered)
    pair_weight = (1 - 0.9) / (1 - share[0])
    return LanguageModel(
        words,
        Unigrams(np.log10(share), np.log10(weight)),
        Bigrams(np.array([3, 4]), np.array([4, 0]), np.log10([told, 0.5]), np.log10([pair_weight, 1.0])),
        Trigrams(np.array([0]), np.array([0]), np.log10([0.9])),
    )


def in_own_order(model: LanguageModel) -> tuple[dict[tuple[int, ...], float], dict[tuple[int, ...], float]]:
    """A model's figures by words' numbers: probabilities, and weights of histories."""
    share = {(word,): 10**figure for word, figure in enumerate(model.unigrams.probability)}
    weight = {(word,): 10**figure for word, figure in enumerate(model.unigrams.backoff)}
    pairs = list(zip(model.bigrams.history.tolist(), model.bigrams.word.tolist(), strict=True))
    share |= dict(zip(pairs, 10**model.bigrams.probability, strict=True))
    weight |= dict(zip(pairs, 10**model.bigrams.backoff, strict=True))
    for pair, word, figure in zip(model.trigrams.history, model.trigrams.word, model.trigrams.probability, strict=True):
        share[(*pairs[pair], int(word))] = 10**figure
    return share, weight


def after(model: LanguageModel, *words: int) -> float:
    """The probability of the last word, by the textbook's rule of backing off."""
    share, weight = in_own_order(model)
    if words in share:
        return share[words]
    return weight.get(words[:-1], 1.0) * after(model, *words[1:])


@pytest.mark.parametrize("sentences", [SENTENCES, SENTENCES[:1], []], ids=["four", "one", "none"])
def test_what_follows_any_history_adds_up_to_one(sentences: list[list[str]]) -> None:
    model: Trigram = witten_bell(sentences, VOCABULARY)
    assert model.p1(EVERY).sum() == pytest.approx(1)
    for h in EVERY:
        assert model.p2(all_of(h), EVERY).sum() == pytest.approx(1)
    for a, b in itertools.product(EVERY, EVERY):
        assert model.p3(all_of(a), all_of(b), EVERY).sum() == pytest.approx(1)


def test_witten_bell_gives_the_unseen_the_weight_of_the_kinds_of_followers() -> None:
    model = witten_bell(SENTENCES, VOCABULARY)
    my, order, refund = (np.array([NUMBER[word]]) for word in ("my", "order", "refund"))
    # "my" has three followers of two kinds: order, order, refund.
    assert model.p2(my, order)[0] == pytest.approx((2 + 2 * model.p1(order)[0]) / 5)
    assert model.p2(my, refund)[0] == pytest.approx((1 + 2 * model.p1(refund)[0]) / 5)
    assert model.p2(my, my)[0] == pytest.approx(2 * model.p1(my)[0] / 5)


def test_a_history_that_was_never_seen_backs_off_entirely() -> None:
    model = witten_bell(SENTENCES, VOCABULARY)
    np.testing.assert_allclose(model.p3(all_of(NUMBER["please"]), all_of(NUMBER["cancel"]), EVERY),
                               model.p2(all_of(NUMBER["cancel"]), EVERY))  # fmt: skip


def test_nothing_reaches_over_the_end_of_a_sentence_and_its_beginning_is_never_said() -> None:
    model = witten_bell(SENTENCES, VOCABULARY)
    known = {(int(pair) // SIZE, int(pair) % SIZE) for pair in model.pairs}
    assert not any(after == NUMBER["<s>"] or before == NUMBER["</s>"] for before, after in known)
    assert model.p1(np.array([0]))[0] == pytest.approx(NEVER)


def test_a_key_is_found_where_it_is() -> None:
    keys = np.array([2, 5, 9])
    place, there = find(keys, np.array([5, 9, 10, 1]))
    assert there.tolist() == [True, True, False, False]
    assert keys[place[:2]].tolist() == [5, 9]
    assert not find(np.zeros(0, np.int64), np.array([1]))[1].any()


def test_a_model_over_fewer_words_says_what_it_said() -> None:
    whole = generic_model()
    model = over_vocabulary(whole, VOCABULARY)
    order, refund, end, my = (np.array([NUMBER[word]]) for word in ("order", "refund", "</s>", "my"))
    assert model.p2(order, refund)[0] == pytest.approx(0.6)
    assert model.p3(order, refund, end)[0] == pytest.approx(0.9)
    # "order my" is unknown: the weight of "order" times "my" alone.
    assert model.p2(order, my)[0] == pytest.approx(0.5 * model.p1(my)[0])
    assert model.p1(EVERY).sum() == pytest.approx(1)
    assert 0 < model.p1(np.array([NUMBER["please"]]))[0] < 1e-6  # a word that the generic model lacks


def test_the_mixture_is_exact_where_either_model_knows_something() -> None:
    own, share = witten_bell(SENTENCES, VOCABULARY), 0.4
    base = over_vocabulary(generic_model(), VOCABULARY)
    mixed = interpolate(generic_model(), own, VOCABULARY, share, same=0.0)
    for pair in (("cancel", "my"), ("order", "refund"), ("my", "refund")):
        h, w = (np.array([NUMBER[word]]) for word in pair)
        expected = share * own.p2(h, w)[0] + (1 - share) * base.p2(h, w)[0]
        assert after(mixed, int(h[0]), int(w[0])) == pytest.approx(expected, rel=1e-6)
    for triple in (("cancel", "my", "order"), ("order", "refund", "</s>")):
        a, b, w = (np.array([NUMBER[word]]) for word in triple)
        expected = share * own.p3(a, b, w)[0] + (1 - share) * base.p3(a, b, w)[0]
        assert after(mixed, int(a[0]), int(b[0]), int(w[0])) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("same", [0.0, 0.2])
def test_the_mixture_is_a_proper_model(same: float) -> None:
    mixed = interpolate(generic_model(), witten_bell(SENTENCES, VOCABULARY), VOCABULARY, 0.4, same=same)
    assert sum(after(mixed, w) for w in range(SIZE)) == pytest.approx(1, abs=1e-6)
    for h in range(1, SIZE):
        assert sum(after(mixed, h, w) for w in range(SIZE)) == pytest.approx(1, abs=1e-3), VOCABULARY[h]
    for a, b in itertools.product(range(SIZE), range(1, SIZE)):
        assert sum(after(mixed, a, b, w) for w in range(SIZE)) == pytest.approx(1, abs=1e-3)


def test_generic_trigrams_that_say_no_more_than_backing_off_are_left_out_and_own_ones_never() -> None:
    own = witten_bell(SENTENCES, VOCABULARY)
    everything = interpolate(generic_model(), own, VOCABULARY, 0.4, same=0.0)
    thinned = interpolate(generic_model(), own, VOCABULARY, 0.4, same=100.0)
    assert len(everything.trigrams.word) == len(np.union1d(own.triples, over_vocabulary(
        generic_model(), VOCABULARY).triples))  # fmt: skip
    assert len(thinned.trigrams.word) == len(own.triples)
