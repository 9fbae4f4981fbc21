"""The Silero network once more, laid out so that the windows of many calls go through it in one run.

The file that comes with faster-whisper takes its first axis as the time of *one* stream, so calls could only go one
after the other. Here its weights are put into a network whose first axis is streams. On the way all that is linear
becomes one matrix: a window is so short (four frames) that each convolution, unrolled over its frames, is a plain
product, and so is the Fourier transform together with the step from 8 to 16 kHz before it. A telephone's samples go in
as they come, and in a batch a window costs a quarter of what it costs in the original's own shape.

Refuses: believing itself. Whoever uses the network holds it against the original first (``stt.silero`` does).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stt import onnx_wire
from stt.onnx_wire import Node

Floats = NDArray[np.float32]

RATE: Final = 16_000
WINDOW: Final = 512
"""Samples at 16 kHz that the model judges at once: 32 ms."""
WINDOW_SECONDS: Final = WINDOW / RATE
CONTEXT: Final = 64
"""Samples before a window that the model wants to see as well."""
CELLS: Final = 128
STATE: Final = 2 * CELLS
"""Width of the state that a stream carries from window to window: what its cells say and what they hold."""
FULL_SCALE: Final = 32768.0

_REACH: Final = 24
"""Neighbours on either side from which a sample between two is made: 3 ms at 8 kHz."""
_KAISER: Final = 5.4
"""Shape of the filter's window: images of 0 to 3.4 kHz are 58 dB down."""
_HOP, _SPAN, _LINES, _FRAMES = 128, 256, 129, 4
_STRIDES: Final = (1, 2, 2, 1)
_BASIS: Final = "encoder.feature_extractor.forward_basis_buffer"
_LSTM: Final = ("onnx::LSTM_209", "onnx::LSTM_210", "onnx::LSTM_211")


class UnknownNetwork(ValueError):
    """A model's weights are not those of the network that is known here."""


@dataclass(frozen=True, slots=True)
class Ear:
    """Which samples of a stream belong to one window, at the stream's own rate.

    ``before`` and ``after`` are the neighbours that the model and the step to 16 kHz want to see, ``step`` the window.
    """

    rate: int
    before: int
    step: int
    after: int

    @property
    def width(self) -> int:
        """Samples that are needed to judge a window."""
        return self.before + self.step + self.after


NARROW: Final = Ear(8000, _REACH - 1 + CONTEXT // 2, WINDOW // 2, _REACH)
WIDE: Final = Ear(RATE, CONTEXT, WINDOW, 0)


@cache
def to_wide(ear: Ear) -> Floats:
    """[width, 64 + 512]: a window's 16-bit samples to what the original model takes, by a half-band filter."""
    size = CONTEXT + WINDOW
    if ear == WIDE:
        return np.eye(size, dtype=np.float32) / np.float32(FULL_SCALE)
    taps = np.sinc(np.arange(-_REACH, _REACH) + 0.5) * np.kaiser(2 * _REACH, _KAISER)
    taps /= taps.sum()
    matrix = np.zeros((ear.width, size), np.float32)
    for sample in range(size // 2):
        matrix[sample + _REACH - 1, 2 * sample] = 1
        matrix[sample : sample + 2 * _REACH, 2 * sample + 1] = taps
    return matrix / np.float32(FULL_SCALE)


def batched(weights: dict[str, Floats], ear: Ear) -> bytes:
    """An ONNX model: ``samples`` [n, width] and ``state`` [n, 256] to ``speech`` [n] and the state ``after``.

    Raises ``UnknownNetwork`` when a weight is missing or has another shape than it had when this was written.
    """
    try:
        stored = _stored(weights, ear)
    except (KeyError, ValueError) as error:
        raise UnknownNetwork(f"the voice activity model has other weights than expected: {error}") from error
    layers = range(len(_STRIDES))
    nodes = [
        Node("MatMul", ("samples", "front"), ("spectrum",)),
        Node("Reshape", ("spectrum", "parts"), ("complex",)),
        Node("ReduceL2", ("complex", "one"), ("hidden0",), (("keepdims", 0),)),
    ]
    for layer in layers:
        nodes += [
            Node("Gemm", (f"hidden{layer}", f"w{layer}", f"b{layer}"), (f"sum{layer}",)),
            Node("Relu", (f"sum{layer}",), (f"hidden{layer + 1}",)),
        ]
    nodes += [
        Node("Split", ("state",), ("said", "held"), (("axis", 1), ("num_outputs", 2))),
        Node("Unsqueeze", ("said", "nought"), ("h",)),
        Node("Unsqueeze", ("held", "nought"), ("c",)),
        Node("Unsqueeze", (f"hidden{len(layers)}", "nought"), ("step",)),
        Node("LSTM", ("step", "lstm0", "lstm1", "lstm2", "", "h", "c"), ("", "hn", "cn"), (("hidden_size", CELLS),)),
        Node("Squeeze", ("hn", "nought"), ("saying",)),
        Node("Squeeze", ("cn", "nought"), ("holding",)),
        Node("Concat", ("saying", "holding"), ("after",), (("axis", 1),)),
        Node("Relu", ("saying",), ("heard",)),
        Node("Gemm", ("heard", "w", "b"), ("odds",)),
        Node("Sigmoid", ("odds",), ("chance",)),
        Node("Squeeze", ("chance", "one"), ("speech",)),
    ]
    return onnx_wire.model(
        nodes,
        stored,
        {"samples": ("n", ear.width), "state": ("n", STATE)},
        {"speech": ("n",), "after": ("n", STATE)},
    )


def _stored(weights: dict[str, Floats], ear: Ear) -> dict[str, onnx_wire.Tensor]:
    stored: dict[str, onnx_wire.Tensor] = {
        "front": to_wide(ear) @ _transform(weights[_BASIS]),
        "parts": np.array([-1, 2, _FRAMES * _LINES]),
        "nought": np.array([0]),
        "one": np.array([1]),
        "w": weights["decoder.conv1d.weight"].reshape(1, CELLS).T,
        "b": weights["decoder.conv1d.bias"],
    }
    frames = _FRAMES
    for layer, stride in enumerate(_STRIDES):
        kernel, bias = (weights[f"encoder.conv_layers.{layer}.{part}"] for part in ("weight", "bias"))
        stored[f"w{layer}"] = _unrolled(kernel, frames, stride)
        frames = -(-frames // stride)
        stored[f"b{layer}"] = np.tile(bias, frames)
    stored |= {f"lstm{index}": weights[name] for index, name in enumerate(_LSTM)}
    return stored


def _transform(basis: Floats) -> Floats:
    """[576, 2 * 516]: samples to the real and then the imaginary parts of all lines of all frames.

    The last frame reaches 64 samples beyond the window; there the sound is taken to be mirrored, as in the original.
    """
    if basis.shape != (2 * _LINES, 1, _SPAN):
        raise ValueError(f"a Fourier basis of {basis.shape}")
    size = CONTEXT + WINDOW
    mirrored = np.pad(np.arange(size), (0, CONTEXT), mode="reflect")
    matrix = np.zeros((size, _FRAMES, 2 * _LINES), np.float32)
    for frame in range(_FRAMES):
        np.add.at(matrix[:, frame], mirrored[frame * _HOP : frame * _HOP + _SPAN], basis[:, 0].T)
    parts = matrix.reshape(size, _FRAMES, 2, _LINES).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(parts).reshape(size, -1)


def _unrolled(kernel: Floats, frames: int, stride: int) -> Floats:
    """[frames * in, out frames * out]: a convolution over three frames, with silence beside the first and the last."""
    outward, inward, reach = kernel.shape
    steps = -(-frames // stride)
    matrix = np.zeros((frames, inward, steps, outward), np.float32)
    for step in range(steps):
        for place in range(reach):
            frame = step * stride + place - reach // 2
            if 0 <= frame < frames:
                matrix[frame, :, step] = kernel[:, :, place].T
    return matrix.reshape(frames * inward, steps * outward)
