from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from infra.audio import Resampler, mulaw_decode, mulaw_encode, read_wav, silence
from stt import lm_trie, pronunciation
from stt.confidence import Calibration
from stt.decoders import Decoders
from stt.errors import RecognizerUnavailable
from stt.lm_trie import Bigrams, LanguageModel, Trigrams, Unigrams, bundled_directory
from stt.model_folder import DICTIONARY, MODEL, REPORT, TenantNameUnusable, make_current
from stt.ngrams import interpolate, witten_bell
from stt.pocketsphinx_host import PocketsphinxHost, PocketsphinxSession, acoustic_directory
from stt.transcript import Transcript

CALLS = Path(__file__).parents[2] / "examples/hanbit-store/calls"
RATE = 8000


def on_the_line(name: str) -> bytes:
    """A recording as a telephone line brings it: 8 kHz, through mu-law."""
    pcm, rate = read_wav(CALLS / name)
    resampler = Resampler(rate, RATE)
    return mulaw_decode(mulaw_encode(resampler.process(pcm) + resampler.flush()))


def hear(session: PocketsphinxSession, utterance: int, pcm: bytes, at: float = 0.0, rate: int = RATE) -> None:
    chunk = rate // 10 * 2
    for start in range(0, len(pcm), chunk):
        session.hear(utterance, pcm[start : start + chunk], rate, at + start / 2 / rate)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> PocketsphinxHost:
    """A host on the bundled model, in this process."""
    return PocketsphinxHost(str(tmp_path_factory.mktemp("models")))


@pytest.fixture
def heard() -> list[Transcript]:
    return []


@pytest.fixture
def session(host: PocketsphinxHost, heard: list[Transcript]) -> Iterator[PocketsphinxSession]:
    session = host.open_session(heard.append, "hanbit-store")
    yield session
    session.close()


@pytest.mark.parametrize(
    ("name", "understood"), [("where-is-my-order.wav", {"where", "is", "my", "order"}), ("refund-time.wav", {"refund"})]
)
def test_a_caller_on_a_telephone_line_is_heard(
    session: PocketsphinxSession, heard: list[Transcript], name: str, understood: set[str]
) -> None:
    hear(session, 0, on_the_line(name))
    session.end(0)
    assert heard[-1].final
    assert understood <= set(heard[-1].text.split())


def test_a_caller_on_a_wide_line_is_heard(session: PocketsphinxSession, heard: list[Transcript]) -> None:
    pcm, rate = read_wav(CALLS / "where-is-my-order.wav")
    hear(session, 0, pcm, rate=rate)
    session.end(0)
    assert "order" in heard[-1].text.split()


def test_partials_grow_and_are_told_once(session: PocketsphinxSession, heard: list[Transcript]) -> None:
    hear(session, 0, on_the_line("refund-time.wav"))
    session.end(0)
    *partials, final = heard
    assert partials
    assert final.final
    assert not any(partial.final for partial in partials)
    texts = [partial.text for partial in partials]
    assert all(before != after for before, after in itertools.pairwise(texts))


def test_words_lie_on_the_media_clock_over_a_gap(session: PocketsphinxSession, heard: list[Transcript]) -> None:
    pcm = on_the_line("where-is-my-order.wav")
    half = len(pcm) // 4 * 2
    hear(session, 0, pcm[:half], at=20.0)
    hear(session, 0, pcm[half:], at=30.0)
    session.end(0)
    words = heard[-1].words
    assert words[0].start >= 20.0
    assert 30.0 < words[-1].end <= 30.0 + len(pcm[half:]) / 2 / RATE + 0.1
    assert not any(20.1 + half / 2 / RATE < word.end < 30.0 for word in words)


def test_nothing_of_one_utterance_is_in_the_next(session: PocketsphinxSession, heard: list[Transcript]) -> None:
    hear(session, 0, on_the_line("where-is-my-order.wav"))
    session.end(0)
    hear(session, 1, on_the_line("goodbye.wav"), at=5.0)
    session.end(1)
    first, second = (one for one in heard if one.final)
    assert "order" in first.text.split()
    assert "order" not in second.text.split()
    assert second.utterance == 1


def test_an_end_without_sound_and_too_little_sound_have_an_empty_final(
    session: PocketsphinxSession, heard: list[Transcript]
) -> None:
    session.end(0)
    session.hear(1, silence(RATE, 0.005), RATE, 0.0)
    session.end(1)
    hear(session, 2, silence(RATE, 0.5))
    session.end(2)
    assert [(one.utterance, one.text, one.final) for one in heard] == [(0, "", True), (1, "", True), (2, "", True)]


def test_a_session_that_breaks_off_gives_a_decoder_back_that_hears_the_next_caller(
    host: PocketsphinxHost, heard: list[Transcript]
) -> None:
    broken_off = host.open_session(lambda _: None, "hanbit-store")
    hear(broken_off, 0, on_the_line("refund-time.wav"))
    broken_off.close()
    session = host.open_session(heard.append, "hanbit-store")
    hear(session, 0, on_the_line("where-is-my-order.wav"))
    session.end(0)
    session.close()
    assert "order" in heard[-1].text.split()
    assert "refund" not in heard[-1].text.split()


def test_more_callers_than_decoders_are_all_heard_in_their_order(
    host: PocketsphinxHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "_decoders", Decoders(host._decoder, most=1))
    heard: dict[str, list[Transcript]] = {"one": [], "two": []}
    first, second = (host.open_session(finals.append, "hanbit-store") for finals in heard.values())
    order, goodbye = on_the_line("where-is-my-order.wav"), on_the_line("goodbye.wav")
    hear(first, 0, order[: len(order) // 4 * 2])
    hear(second, 0, order)
    second.end(0)
    hear(second, 1, goodbye, at=5.0)
    second.end(1)
    second.end(2)
    assert heard["two"] == []
    hear(first, 0, order[len(order) // 4 * 2 :], at=len(order) // 4 / RATE)
    first.end(0)
    first.close()
    second.close()
    assert "order" in heard["one"][-1].text.split()
    finals = [one for one in heard["two"] if one.final]
    assert [one.utterance for one in finals] == [0, 1, 2]
    assert "order" in finals[0].text.split()
    assert finals[0].waited > 0
    assert (finals[2].text, "order" in finals[1].text.split()) == ("", False)


def test_who_hangs_up_in_line_waits_no_longer(host: PocketsphinxHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "_decoders", Decoders(host._decoder, most=1))
    heard: list[Transcript] = []
    first, second = host.open_session(heard.append, "a"), host.open_session(heard.append, "a")
    hear(first, 0, on_the_line("where-is-my-order.wav"))
    hear(second, 0, on_the_line("goodbye.wav"))
    second.close()
    first.end(0)
    first.close()
    assert len([one for one in heard if one.final]) == 1


def test_confidence_is_a_probability_only_with_a_calibration(
    host: PocketsphinxHost, heard: list[Transcript], tmp_path: Path
) -> None:
    pcm = on_the_line("where-is-my-order.wav")
    raw = host.open_session(heard.append, "hanbit-store")
    hear(raw, 0, pcm)
    raw.end(0)
    raw.close()
    assert not heard[-1].calibrated
    flat = PocketsphinxHost(str(tmp_path), calibration=Calibration((0.0,), (0.7,)))
    session = flat.open_session(heard.append, "hanbit-store")
    hear(session, 0, pcm)
    session.end(0)
    session.close()
    assert heard[-1].calibrated
    assert heard[-1].words
    assert {word.confidence for word in heard[-1].words} == {0.7}
    assert heard[-1].confidence == pytest.approx(0.7)


def test_what_was_fitted_on_telephone_lines_is_not_said_of_a_wide_line(heard: list[Transcript], tmp_path: Path) -> None:
    host = PocketsphinxHost(str(tmp_path), calibration=Calibration((0.0,), (0.7,)))
    session = host.open_session(heard.append, "hanbit-store")
    pcm, rate = read_wav(CALLS / "where-is-my-order.wav")
    hear(session, 0, pcm, rate=rate)
    session.end(0)
    session.close()
    assert rate == 16000
    assert not heard[-1].calibrated
    assert {word.confidence for word in heard[-1].words} != {0.7}


def test_the_decoders_settings_may_be_others(heard: list[Transcript], tmp_path: Path) -> None:
    host = PocketsphinxHost(str(tmp_path), decoder={"maxhmmpf": 1, "maxwpf": 1})
    session = host.open_session(heard.append, "hanbit-store")
    hear(session, 0, on_the_line("where-is-my-order.wav"))
    session.end(0)
    session.close()
    assert "order" not in heard[-1].text.split()


def test_a_tenants_own_model_is_used_from_the_call_after_it_was_built(tmp_path: Path, heard: list[Transcript]) -> None:
    host = PocketsphinxHost(str(tmp_path))
    make_current(tmp_path / "hanbit-store", only_these_words(tmp_path / "hanbit-store" / "en-1", "order", "my"))
    session = host.open_session(heard.append, "hanbit-store")
    hear(session, 0, on_the_line("where-is-my-order.wav"))
    session.end(0)
    session.close()
    assert heard[-1].text
    assert set(heard[-1].text.split()) <= {"order", "my"}
    other = host.open_session(heard.append, "another-tenant")
    hear(other, 0, on_the_line("where-is-my-order.wav"))
    other.end(0)
    other.close()
    assert "where" in heard[-1].text.split()


def only_these_words(folder: Path, *words: str) -> Path:
    """A model that knows these words and no others."""
    folder.mkdir(parents=True)
    vocabulary = ("<s>", "</s>", *words)
    own = witten_bell([list(words), list(reversed(words)), *([word] for word in words)], vocabulary)
    even, pair, figure = np.full(len(vocabulary), -0.6), np.array([[2, 3], [3, 2]]), np.array([-0.5, -0.5])
    generic = LanguageModel(
        vocabulary,
        Unigrams(even, np.zeros(len(vocabulary))),
        Bigrams(pair[:, 0], pair[:, 1], figure, np.zeros(2)),
        Trigrams(np.array([0]), np.array([2]), figure[:1]),
    )
    lm_trie.write(interpolate(generic, own, vocabulary, 0.9), folder / MODEL)
    known = pronunciation.read_dictionary(bundled_directory() / "cmudict-en-us.dict")
    pronunciation.write_dictionary({word: known[word] for word in words}, folder / DICTIONARY)
    (folder / REPORT).write_text("{}", encoding="utf-8")
    return folder


def test_a_model_that_is_damaged_is_refused_with_what_to_do(tmp_path: Path, heard: list[Transcript]) -> None:
    host = PocketsphinxHost(str(tmp_path))
    folder = tmp_path / "hanbit-store" / "en-1"
    folder.mkdir(parents=True)
    for name in (MODEL, DICTIONARY, REPORT):
        (folder / name).write_bytes(b"damaged")
    make_current(folder.parent, folder)
    with pytest.raises(RecognizerUnavailable, match="ingest the tenant's knowledge again"):
        host.open_session(heard.append, "hanbit-store")


def test_a_name_that_is_no_tenants_is_refused(host: PocketsphinxHost, heard: list[Transcript]) -> None:
    with pytest.raises(TenantNameUnusable):
        host.open_session(heard.append, "../elsewhere")


def test_the_acoustic_model_leaves_means_and_noise_to_us(tmp_path: Path) -> None:
    folder = acoustic_directory(bundled_directory() / "en-us", tmp_path)
    parameters = (folder / "feat.params").read_text(encoding="ascii").split()
    assert parameters.count("-cmn") == 1
    assert parameters[parameters.index("-cmn") + 1] == "none"
    assert parameters[parameters.index("-remove_noise") + 1] == "no"
    names = {path.name for path in (bundled_directory() / "en-us").iterdir()}
    assert {path.name for path in folder.iterdir()} == names
