"""A voice of two kilobytes that loads and runs like a real one: each phoneme hums at its own pitch.

It has the tensors and the metadata that sherpa-onnx asks of a Piper voice (with phonemes) or of a VITS voice with a
lexicon, so tests go the whole way of loading and running a neural voice without one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE = 22050
BLOCK = 256
BLOCKS_PER_SYMBOL = 4

PHONEMES = (
    "_^$ !'(),-.:;?abcdefghijklmnopqrstuvwxyzæçðøħŋœɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈ"
    "ʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢˈˌːˑ˞βθχᵻⱱ\u0303\u0329\u032a\u032f\u0327ʰˤ"
)


def _constant(name: str, value: Any) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(value), name)


def _hum(symbols: str, length: str) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes that turn symbol ids [1, N] into sound [1, 1, 1, T], and their constants; ``length`` names the stretch."""
    constants = [
        _constant("ramp", np.arange(BLOCK, dtype=np.float32)[None, None] * np.float32(2 * np.pi / RATE)),
        _constant("base", np.float32(90)),
        _constant("step", np.float32(7)),
        _constant("blocks", np.float32(BLOCKS_PER_SYMBOL)),
        _constant("level", np.float32(0.2)),
        _constant("one", np.array([1], np.int64)),
        _constant("last", np.array([2], np.int64)),
        _constant("shape", np.array([1, 1, 1, -1], np.int64)),
    ]
    steps = [
        ("Cast", [symbols], "number", {"to": TensorProto.FLOAT}),
        ("Mul", ["number", "step"], "above", {}),
        ("Add", ["above", "base"], "hertz", {}),
        ("Unsqueeze", ["hertz", "last"], "pitch", {}),
        ("Mul", ["pitch", "ramp"], "phase", {}),
        ("Sin", ["phase"], "wave", {}),
        ("Mul", ["wave", "level"], "quiet", {}),
        ("Mul", [length, "blocks"], "stretch", {}),
        ("Ceil", ["stretch"], "whole", {}),
        ("Cast", ["whole"], "count", {"to": TensorProto.INT64}),
        ("Concat", ["one", "one", "count"], "repeats", {"axis": 0}),
        ("Tile", ["quiet", "repeats"], "hum", {}),
        ("Reshape", ["hum", "shape"], "output", {}),
    ]
    nodes = [helper.make_node(op, inputs, [output], **options) for op, inputs, output, options in steps]
    return nodes, constants


def _save(
    path: Path,
    inputs: list[tuple[str, int, list[Any]]],
    before: list[onnx.NodeProto],
    extra: list[onnx.TensorProto],
    symbols: str,
    length: str,
    metadata: dict[str, str],
) -> None:
    nodes, constants = _hum(symbols, length)
    graph = helper.make_graph(
        before + nodes,
        "tiny",
        [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in inputs],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "time"])],
        constants + extra,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)])
    model.ir_version = 8
    for key, value in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def build_piper_voice(folder: Path, voice: str) -> Path:
    """A Piper voice: phonemes in, no lexicon. ``voice`` is espeak's name of the language."""
    folder.mkdir(parents=True, exist_ok=True)
    _save(
        folder / "voice.onnx",
        [
            ("input", TensorProto.INT64, [1, "N"]),
            ("input_lengths", TensorProto.INT64, [1]),
            ("scales", TensorProto.FLOAT, [3]),
        ],
        [helper.make_node("Gather", ["scales", "first"], ["length"])],
        [_constant("first", np.array([1], np.int64))],
        "input",
        "length",
        {
            "model_type": "vits",
            "comment": "piper",
            "language": voice,
            "voice": voice,
            "has_espeak": "1",
            "n_speakers": "1",
            "sample_rate": str(RATE),
            "add_blank": "1",
        },
    )
    symbols = list(dict.fromkeys(PHONEMES))
    (folder / "tokens.txt").write_text("".join(f"{s} {i}\n" for i, s in enumerate(symbols)), encoding="utf-8")
    described = {"audio": {"sample_rate": RATE}, "espeak": {"voice": voice}, "num_speakers": 1}
    (folder / "voice.onnx.json").write_text(json.dumps(described), encoding="utf-8")
    return folder


def build_lexicon_voice(folder: Path, words: dict[str, str]) -> Path:
    """A VITS voice with a lexicon (word -> letters to hum): it needs no phonemes."""
    folder.mkdir(parents=True, exist_ok=True)
    scale = [1]
    _save(
        folder / "model.onnx",
        [
            ("x", TensorProto.INT64, [1, "N"]),
            ("x_length", TensorProto.INT64, [1]),
            ("noise_scale", TensorProto.FLOAT, scale),
            ("length_scale", TensorProto.FLOAT, scale),
            ("noise_scale_w", TensorProto.FLOAT, scale),
        ],
        [],
        [],
        "x",
        "length_scale",
        {
            "model_type": "vits",
            "comment": "tiny",
            "language": "English",
            "n_speakers": "1",
            "sample_rate": str(RATE),
            "add_blank": "1",
            "frontend": "characters",
        },
    )
    letters = ["_", "^", "$", " ", *"abcdefghijklmnopqrstuvwxyz,.!?"]
    (folder / "tokens.txt").write_text("".join(f"{s} {i}\n" for i, s in enumerate(letters)), encoding="utf-8")
    lexicon = "".join(f"{word} {' '.join(said)}\n" for word, said in words.items())
    (folder / "lexicon.txt").write_text(lexicon, encoding="utf-8")
    return folder
