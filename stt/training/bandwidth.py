"""Trains the bandwidth extension (``stt.bandwidth``) on synthesized speech only.

    apt-get install flite
    nice python -m stt.training.bandwidth [--output stt/bandwidth.npz]

It takes about three minutes on one core and gives the same weights every time for the same versions of flite, numpy
and torch. Nothing is fetched: the sentences are words of the recognizer's own dictionary drawn at random by how common
they are, the voices are the four 16 kHz voices of flite (BSD-style licences), and further "speakers" come from
shortening and lengthening the sound, which moves pitch and formants together. The line is a band-pass with edges drawn
at random, a half-band decimation and G.711.

Refuses: recordings of people; being imported by anything that serves calls.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from infra.audio import Resampler, mulaw_decode, mulaw_encode, read_wav
from stt.bandwidth import REACH, WEIGHTS, Network, contexts
from stt.frontend import RATE, Floats, MelAnalysis, NoiseRemoval, log_bands
from stt.lm_trie import bundled_model

VOICES = ("slt", "rms", "awb", "kal16")
SENTENCES = 90
"""For each voice; about 20 minutes of speech in all."""
HIDDEN = 128
EPOCHS = 8
BATCH = 512


def sentences(count: int, seed: int) -> Iterator[str]:
    """Strings of 5 to 12 common words in no order: every sound of the language, and nobody's text."""
    draw = random.Random(seed)
    model = bundled_model()
    ranked = np.argsort(-model.unigrams.probability, kind="stable")
    words = [word for index in ranked if (word := model.words[index]).isalpha()][:6000]
    weights = [1 / (20 + rank) for rank in range(len(words))]
    for _ in range(count):
        yield " ".join(draw.choices(words, weights, k=draw.randint(5, 12)))


def synthesize(folder: Path, seed: int = 1) -> list[NDArray[np.float64]]:
    """Speak every sentence. Exits with advice when flite or one of its voices is missing."""
    flite = shutil.which("flite")
    if flite is None:
        sys.exit("flite is not installed: apt-get install flite")
    recordings = []
    texts = sentences(len(VOICES) * SENTENCES, seed)
    for voice in VOICES:
        for number in range(SENTENCES):
            path = folder / f"{voice}{number}.wav"
            subprocess.run([flite, "-voice", voice, "-t", next(texts), "-o", str(path)], check=True, timeout=60)
            pcm, rate = read_wav(path)
            if rate != RATE:
                sys.exit(f"flite speaks {voice} at {rate} Hz; {RATE} Hz is needed")
            recordings.append(np.frombuffer(pcm, "<i2").astype(np.float64))
    return recordings


def warped(samples: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Play it ``factor`` times as fast: higher and shorter above 1, by cutting or filling up the spectrum."""
    length = round(len(samples) / factor)
    spectrum = np.fft.rfft(samples)
    target = np.zeros(length // 2 + 1, complex)
    shared = min(len(spectrum), len(target))
    target[:shared] = spectrum[:shared]
    return np.fft.irfft(target, length) * (length / len(samples))


def over_the_line(samples: NDArray[np.float64], low: float, high: float) -> bytes:
    """As a telephone exchange passes it on: band-pass with soft edges, 8 kHz, mu-law; back at 16 kHz."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    gain = np.clip((hertz / low - 0.6) / 0.4, 0, 1) * np.clip((1.08 - hertz / high) / 0.08, 0, 1)
    down, up = Resampler(RATE, 8000), Resampler(8000, RATE)
    pcm = _pcm(np.fft.irfft(spectrum * gain, len(samples)))
    line = mulaw_decode(mulaw_encode(down.process(pcm) + down.flush()))
    return up.process(line) + up.flush()


def clean_bands(pcm: bytes) -> Floats:
    """A whole recording to log mel bands with the noise removed, as the recognizer sees them."""
    analysis = MelAnalysis()
    return log_bands(NoiseRemoval().process(np.concatenate((analysis.process(pcm), analysis.flush()))))


def examples(recordings: list[NDArray[np.float64]], seed: int = 0) -> tuple[Floats, Floats]:
    """Inputs [n, 162] and what to predict [n, 25]: each recording as it is, and once as another speaker."""
    draw = np.random.default_rng(seed)
    inputs, targets = [], []
    for recording in recordings:
        for samples in (recording, warped(recording, draw.uniform(0.85, 1.18))):
            loud = samples * 10 ** (draw.uniform(-26, 3) / 20)
            if draw.random() < 0.5:
                loud = loud + draw.normal(0, 10 ** draw.uniform(0, 1.6), len(loud))
            wide = clean_bands(_pcm(loud))
            narrow = clean_bands(over_the_line(loud, draw.uniform(100, 300), draw.uniform(3300, 3800)))
            count = min(len(wide), len(narrow))
            inputs.append(contexts(np.pad(narrow[:count], ((REACH, REACH), (0, 0)), "edge")))
            targets.append(wide[:count])
    return np.concatenate(inputs), np.concatenate(targets)


def train(inputs: Floats, targets: Floats, seed: int = 0) -> tuple[Network, float]:
    """Fit the network; also gives the mean squared error (natural logarithm, squared) of the last epoch."""
    import torch
    from torch import nn

    from stt.frontend import cepstra

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    mean, scale, centre = inputs.mean(axis=0), inputs.std(axis=0), targets.mean(axis=0)
    x, y = torch.from_numpy((inputs - mean) / scale), torch.from_numpy(targets - centre)
    layers = [nn.Linear(x.shape[1], HIDDEN), nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, y.shape[1])]
    net = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
    optimizer = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=1e-4)
    steps = EPOCHS * (len(x) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    to_cepstra = torch.from_numpy(cepstra(np.eye(y.shape[1], dtype=np.float32)))
    error = 0.0
    for epoch in range(EPOCHS):
        error = 0.0
        for batch in torch.randperm(len(x)).split(BATCH):
            miss = net(x[batch]) - y[batch]
            squared = (miss**2).mean()
            # The decoder sees cepstra: an error there counts too, at the scale of the bands' own.
            loss = squared + 0.05 * ((miss @ to_cepstra) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            error += squared.item() * len(batch) / len(x)
        print(f"epoch {epoch + 1}/{EPOCHS}: mean squared error {error:.3f}", flush=True)
    weights = [
        (layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy() + (centre if layer is layers[-1] else 0))
        for layer in layers
    ]
    return Network(mean.astype(np.float32), scale.astype(np.float32), tuple(weights)), error


def _pcm(samples: NDArray[np.float64]) -> bytes:
    return np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()


def main() -> None:
    """Synthesize, train, write."""
    arguments = argparse.ArgumentParser(description="Train the bandwidth extension on flite's voices.")
    arguments.add_argument("--output", type=Path, default=WEIGHTS)
    output = arguments.parse_args().output
    with tempfile.TemporaryDirectory() as folder:
        print("speaking", flush=True)
        recordings = synthesize(Path(folder))
    print(f"{sum(map(len, recordings)) / RATE / 60:.1f} minutes of speech", flush=True)
    weights, _ = train(*examples(recordings))
    weights.save(output)
    print(f"{output}: {output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
