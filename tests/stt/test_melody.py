"""The turn model's vote, with a small model of our own that keeps the real one's contract."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from infra.audio import silence
from infra.errors import AiccError
from stt.melody import FRAMES, RATE, Melody, MelodyHost, features


def loudness_model(path: Path, frames: int = FRAMES) -> Path:
    """Calls it finished the surer, the quieter the last half second is: one pooling and a sigmoid."""
    nodes = [
        helper.make_node("Slice", ["input_features", "start", "end", "axis"], ["tail"]),
        helper.make_node("ReduceMean", ["tail", "axes"], ["mean"], keepdims=0),
        helper.make_node("Neg", ["mean"], ["quiet"]),
        helper.make_node("Sigmoid", ["quiet"], ["flat"]),
        helper.make_node("Reshape", ["flat", "shape"], ["probability"]),
    ]
    constants = {"start": [frames - 50], "end": [frames], "axis": [2], "axes": [0, 1, 2], "shape": [1, 1]}
    graph = helper.make_graph(
        nodes,
        "loudness",
        [helper.make_tensor_value_info("input_features", TensorProto.FLOAT, ["batch", 80, frames])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["batch", 1])],
        [helper.make_tensor(name, TensorProto.INT64, [len(value)], value) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, str(path))
    return path


def hum(seconds: float, rate: int) -> bytes:
    time = np.arange(int(seconds * rate)) / rate
    return (8000 * np.sin(2 * np.pi * 300 * time)).astype("<i2").tobytes()


@pytest.mark.parametrize("seconds", [0.1, 3.0, 8.0, 20.0])
def test_the_last_eight_seconds_become_the_models_input_whatever_the_length(seconds: float) -> None:
    made = features(np.zeros(int(seconds * RATE), np.float32))
    assert made.shape == (1, 80, FRAMES)
    assert np.isfinite(made).all()


def test_what_is_short_is_put_at_the_end() -> None:
    samples = np.frombuffer(hum(1.0, RATE), "<i2").astype(np.float32) / 32768
    energy = features(samples)[0].max(axis=0)
    assert energy[-60:].mean() > energy[:600].mean()


@pytest.mark.parametrize("rate", [8000, 16_000])
def test_the_models_answer_is_the_vote(tmp_path: Path, rate: int) -> None:
    host = MelodyHost(str(loudness_model(tmp_path / "turn.onnx")))
    going_on = host.finished(hum(2.0, rate), rate)
    finished = host.finished(hum(2.0, rate) + silence(rate, 1.0), rate)
    assert 0.0 <= going_on < finished <= 1.0


async def test_it_votes_from_a_process_of_its_own(tmp_path: Path) -> None:
    melody = Melody(loudness_model(tmp_path / "turn.onnx"))
    await melody.start()
    vote = await melody.finished(hum(1.0, 8000), 8000)
    assert vote is not None
    assert 0.0 <= vote <= 1.0
    await melody.close()
    assert await melody.finished(hum(1.0, 8000), 8000) is None


@pytest.mark.parametrize("content", ["nothing", "text", "other shape"])
async def test_what_is_no_turn_model_is_refused_with_what_to_do(tmp_path: Path, content: str) -> None:
    path = tmp_path / "turn.onnx"
    if content == "text":
        path.write_text("hello")
    elif content == "other shape":
        loudness_model(path, frames=123)
    melody = Melody(path)
    with pytest.raises(AiccError, match="AICC_STT_TURN_MODEL"):
        await melody.start()
    await melody.close()
