from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt import onnx_wire
from stt.onnx_wire import MalformedModel, Node


def doubling() -> bytes:
    """``y = x @ w``, summed over its last axis when asked to."""
    return onnx_wire.model(
        [Node("MatMul", ("x", "w"), ("m",)), Node("ReduceSum", ("m", "axis"), ("y",), (("keepdims", 0),))],
        {"w": np.full((3, 300), 0.5, np.float32), "axis": np.array([1])},
        {"x": ("n", 3)},
        {"y": ("n",)},
    )


def test_what_is_written_runs() -> None:
    session = onnxruntime.InferenceSession(doubling(), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"x": np.array([[1, 2, 3], [0, 0, 2]], np.float32)})
    assert found.tolist() == [900.0, 300.0]


def test_what_is_written_is_read_again_and_whole_numbers_are_passed_over() -> None:
    found = onnx_wire.weights(doubling())
    assert set(found) == {"w"}
    assert found["w"].shape == (3, 300)
    assert (found["w"] == 0.5).all()


def test_fields_of_other_kinds_are_passed_over() -> None:
    fixed = bytes([9 << 3 | 1]) + bytes(8) + bytes([10 << 3 | 5]) + bytes(4)
    assert set(onnx_wire.weights(fixed + doubling())) == {"w"}


def test_a_shape_may_be_packed() -> None:
    packed = bytes([1 << 3 | 2, 2, 1, 2, 2 << 3, 1, 8 << 3 | 2, 1]) + b"a" + bytes([9 << 3 | 2, 8]) + bytes(8)
    tensor = bytes([5 << 3 | 2, len(packed)]) + packed
    model = bytes([7 << 3 | 2, len(tensor)]) + tensor
    assert onnx_wire.weights(model)["a"].shape == (1, 2)


def test_a_model_that_breaks_off_is_refused() -> None:
    with pytest.raises(MalformedModel, match="cut short"):
        onnx_wire.weights(doubling()[:-30])


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    try:
        assert isinstance(onnx_wire.weights(data), dict)
    except MalformedModel:
        return
