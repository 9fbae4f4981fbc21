from __future__ import annotations

import random
import shutil
import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from stt.bandwidth import INPUTS, KEPT, network
from stt.frontend import BANDS, CEPSTRA, RATE, Floats, cepstra
from stt.training import bandwidth as training
from tests.stt.sounds import speechlike, tone


def samples(seconds: float = 0.6, seed: int = 1) -> np.ndarray:
    return np.frombuffer(speechlike(seconds, seed=seed), "<i2").astype(np.float64)


def loudness(pcm: bytes, low: float, high: float) -> float:
    """The power between two frequencies of 16 kHz sound."""
    sound = np.frombuffer(pcm, "<i2").astype(np.float64)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    return float(np.sum(np.abs(np.fft.rfft(sound)[(hertz >= low) & (hertz < high)]) ** 2))


@pytest.fixture
def vocabulary(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A model of 100 words, the commonest last, with one mark that cannot be spoken."""
    words = ["".join(random.Random(number).choices("abcdefgh", k=6)) for number in range(99)]
    model = SimpleNamespace(words=[*words, "</s>"], unigrams=SimpleNamespace(probability=np.linspace(-5, -1, 100)))
    monkeypatch.setattr(training, "bundled_model", lambda: model)
    return words


def test_sentences_are_common_words_and_the_same_every_time(vocabulary: list[str]) -> None:
    texts = list(training.sentences(300, seed=1))
    assert texts == list(training.sentences(300, seed=1))
    assert texts != list(training.sentences(300, seed=2))
    spoken = [text.split() for text in texts]
    assert {len(words) for words in spoken} == set(range(5, 13))
    said = [word for words in spoken for word in words]
    assert set(said) <= set(vocabulary)
    assert said.count(vocabulary[-1]) > 2 * said.count(vocabulary[0])


def test_every_voice_speaks_its_share(vocabulary: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert vocabulary
    asked: list[str] = []

    def speak(command: Sequence[str], **_: object) -> None:
        asked.append(command[command.index("-voice") + 1])
        with wave.open(command[command.index("-o") + 1], "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(tone(300, 0.01))

    monkeypatch.setattr(training, "SENTENCES", 2)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(subprocess, "run", speak)
    recordings = training.synthesize(tmp_path)
    assert asked == [voice for voice in training.VOICES for _ in range(2)]
    assert [len(recording) for recording in recordings] == [160] * 8


def test_a_voice_of_another_rate_is_refused(
    vocabulary: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert vocabulary

    def speak(command: Sequence[str], **_: object) -> None:
        with wave.open(command[command.index("-o") + 1], "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(tone(300, 0.01))

    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(subprocess, "run", speak)
    with pytest.raises(SystemExit, match="8000 Hz"):
        training.synthesize(tmp_path)


def test_without_flite_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match="apt-get install flite"):
        training.synthesize(tmp_path)


@pytest.mark.parametrize("factor", [0.85, 1.0, 1.18])
def test_a_warped_voice_is_higher_and_shorter_by_the_same_factor(factor: float) -> None:
    sound = np.frombuffer(tone(1000, 1.0), "<i2").astype(np.float64)
    other = training.warped(sound, factor)
    assert len(other) == round(len(sound) / factor)
    peak = np.abs(np.fft.rfft(other)).argmax() * RATE / len(other)
    assert peak == pytest.approx(1000 * factor, abs=2)
    assert np.abs(other).max() == pytest.approx(np.abs(sound).max(), rel=0.05)


def test_the_line_takes_away_what_is_above_and_below() -> None:
    sound = np.random.default_rng(0).normal(0, 1500, RATE)
    line = training.over_the_line(sound, 200, 3400)
    direct = sound.astype("<i2").tobytes()
    assert len(line) == pytest.approx(len(direct), abs=400)
    kept = loudness(line, 500, 3200) / loudness(direct, 500, 3200)
    assert kept == pytest.approx(1, abs=0.15)
    assert loudness(line, 4300, 8000) / loudness(direct, 4300, 8000) < 0.01
    assert loudness(line, 0, 100) / loudness(direct, 0, 100) < 0.1


def test_an_example_is_the_narrow_sound_and_the_wide_bands_of_the_same_frames() -> None:
    recordings = [samples(), samples(0.4, seed=2)]
    inputs, targets = training.examples(recordings)
    assert inputs.shape == (len(targets), INPUTS)
    assert targets.shape[1] == BANDS
    assert len(targets) >= 59 + 39 + 45 + 30
    again = training.examples(recordings)
    np.testing.assert_array_equal(inputs, again[0])
    np.testing.assert_array_equal(targets, again[1])
    # The lower bands of a frame reach the network nearly as the wide sound has them; that is how they are aligned.
    middle = inputs.reshape(len(inputs), -1, INPUTS // 9)[:, 4]
    assert np.corrcoef(middle[:, 5], targets[:, 5])[0, 1] > 0.8


def problem() -> tuple[Floats, Floats]:
    """Bands that follow from the inputs by a straight rule."""
    draw = np.random.default_rng(3)
    causes = draw.normal(0, 1, (3000, 6))
    inputs = 8 + causes @ draw.normal(0, 1, (6, INPUTS)) + draw.normal(0, 0.1, (3000, INPUTS))
    targets = 5 + causes @ draw.normal(0, 1, (6, BANDS))
    return inputs.astype(np.float32), targets.astype(np.float32)


def test_training_learns_what_can_be_learned(capsys: pytest.CaptureFixture[str]) -> None:
    inputs, targets = problem()
    weights, error = training.train(inputs, targets)
    spread = float(targets.var(axis=0).mean())
    assert error < spread / 2
    assert float(np.mean((weights.predict(inputs) - targets) ** 2)) < spread / 2
    assert f"epoch {training.EPOCHS}/{training.EPOCHS}" in capsys.readouterr().out


def test_training_gives_the_same_weights_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "EPOCHS", 1)
    inputs, targets = (rows[:600] for rows in problem())
    (weights, error), (again, same) = (training.train(inputs, targets) for _ in range(2))
    assert error == same
    for (one, bias), (other, other_bias) in zip(weights.layers, again.layers, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(bias, other_bias)


def test_the_command_writes_weights_that_the_extension_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "weights.npz"
    monkeypatch.setattr(training, "EPOCHS", 1)
    monkeypatch.setattr(training, "synthesize", lambda _: [samples(), samples(seed=2)])
    monkeypatch.setattr("sys.argv", ["bandwidth", "--output", str(output)])
    training.main()
    written = network(output)
    assert [weights.shape for weights, _ in written.layers] == [
        (INPUTS, training.HIDDEN),
        (training.HIDDEN, training.HIDDEN),
        (training.HIDDEN, BANDS),
    ]


def test_the_shipped_weights_fill_the_bands_of_speechlike_sound() -> None:
    """The line leaves the upper bands empty; what the network puts there is nearer to what was there."""
    inputs, targets = training.examples([samples(1.0)])
    predicted = network().predict(inputs)
    empty = np.log(np.float32(1e-4))
    assert np.mean((predicted - targets)[:, KEPT:] ** 2) < np.mean((empty - targets)[:, KEPT:] ** 2) / 4
    assert cepstra(predicted).shape == (len(inputs), CEPSTRA)
