"""Just enough of ONNX's file format to take the weights out of one model and to write another around them.

An ONNX file is a protocol buffer: fields, each a key (number and kind) and a value. The numbers below are those of
ONNX's own schema (``onnx.proto``, IR version 8). The ``onnx`` package knows all of it, but nothing else that serves
calls needs it; here are the few messages that ``stt.batched_silero`` reads and writes.

Refuses: tensors other than float32 with raw data (they are passed over), control flow, and being a general reader.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[np.float32] | NDArray[np.int64]

IR_VERSION: Final = 8
OPSET: Final = 18
_VARINT, _BYTES = 0, 2
_FIXED: Final = {1: 8, 5: 4}
"""Kinds of fields that have a fixed number of bytes."""
_FLOAT, _INT64 = 1, 7  # TensorProto.DataType
_INT_ATTRIBUTE: Final = 2  # AttributeProto.AttributeType


class MalformedModel(ValueError):
    """The bytes are no protocol buffer, or one that breaks off."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operator of a graph: named inputs to named outputs, with whole numbers as attributes."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: tuple[tuple[str, int], ...] = ()


# --- reading ----------------------------------------------------------------------------------------------------------
def weights(model: bytes) -> dict[str, NDArray[np.float32]]:
    """The float32 tensors stored in a model, by name. Raises ``MalformedModel``."""
    found = {}
    for graph in _messages(memoryview(model), 7):
        for tensor in _messages(graph, 5):
            shape: list[int] = []
            kind, name, raw = 0, "", memoryview(b"")
            for number, value in _fields(tensor):
                match number, value:
                    case 1, int():
                        shape.append(value)
                    case 1, memoryview():
                        shape.extend(_packed(value))
                    case 2, int():
                        kind = value
                    case 8, memoryview():
                        name = bytes(value).decode(errors="replace")
                    case 9, memoryview():
                        raw = value
            if kind == _FLOAT and len(raw) == 4 * math.prod(shape):
                found[name] = np.frombuffer(raw, "<f4").reshape(shape)
    return found


def _messages(message: memoryview, wanted: int) -> Iterator[memoryview]:
    return (value for number, value in _fields(message) if number == wanted and isinstance(value, memoryview))


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of one message: number, and the value where it is an integer or bytes."""
    at = 0
    while at < len(message):
        key, at = _varint_at(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint_at(message, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, at = _varint_at(message, at)
        elif kind in _FIXED:
            length = _FIXED[kind]
        else:
            raise MalformedModel(f"a field of kind {kind} at byte {at}: this is no ONNX model")
        if at + length > len(message):
            raise MalformedModel(f"a field at byte {at} reaches beyond its message: the model is cut short")
        yield key >> 3, message[at : at + length]
        at += length


def _packed(values: memoryview) -> Iterator[int]:
    at = 0
    while at < len(values):
        value, at = _varint_at(values, at)
        yield value


def _varint_at(message: memoryview, at: int) -> tuple[int, int]:
    """The number at a place, seven bits to a byte and the lowest first, and the place behind it."""
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise MalformedModel(f"a number at byte {at} does not end: the model is cut short or is none")


# --- writing ----------------------------------------------------------------------------------------------------------
def model(
    nodes: Sequence[Node],
    stored: Mapping[str, Tensor],
    inputs: Mapping[str, Sequence[int | str]],
    outputs: Mapping[str, Sequence[int | str]],
) -> bytes:
    """An ONNX file: ``nodes`` in order, the tensors they find ``stored``, and the shapes of float32 inputs and outputs.

    A shape's string names a dimension that is known only when the model runs.
    """
    graph = b"".join(
        (
            *(_bytes(1, _node(node)) for node in nodes),
            _bytes(2, b"graph"),
            *(_bytes(5, _tensor(name, value)) for name, value in stored.items()),
            *(_bytes(11, _value(name, shape)) for name, shape in inputs.items()),
            *(_bytes(12, _value(name, shape)) for name, shape in outputs.items()),
        )
    )
    return _integer(1, IR_VERSION) + _bytes(7, graph) + _bytes(8, _bytes(1, b"") + _integer(2, OPSET))


def _node(node: Node) -> bytes:
    return b"".join(
        (
            *(_bytes(1, name.encode()) for name in node.inputs),
            *(_bytes(2, name.encode()) for name in node.outputs),
            _bytes(4, node.operator.encode()),
            *(
                _bytes(5, _bytes(1, name.encode()) + _integer(3, value) + _integer(20, _INT_ATTRIBUTE))
                for name, value in node.attributes
            ),
        )
    )


def _tensor(name: str, value: Tensor) -> bytes:
    kind, layout = (_FLOAT, "<f4") if value.dtype.kind == "f" else (_INT64, "<i8")
    shape = b"".join(_integer(1, size) for size in value.shape)
    return shape + _integer(2, kind) + _bytes(8, name.encode()) + _bytes(9, value.astype(layout).tobytes())


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    sizes = (_integer(1, size) if isinstance(size, int) else _bytes(2, size.encode()) for size in shape)
    tensor = _integer(1, _FLOAT) + _bytes(2, b"".join(_bytes(1, size) for size in sizes))
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, tensor))


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(value)) + value


def _integer(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
