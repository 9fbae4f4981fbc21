"""YAML whose every complaint names its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from dialog.errors import TenantDialogInvalid
from dialog.yaml_source import LARGEST_FILE, Shape, read_yaml


class Thing(Shape):
    size: int = Field(ge=1)


class Things(Shape):
    things: dict[str, Thing]


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "things.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_content_and_lines_are_read(tmp_path: Path) -> None:
    file = read_yaml(write(tmp_path, "# about\nthings:\n  a: {size: 1}\n  b:\n    size: 2\n"))
    assert file.shaped(Things).things["b"].size == 2
    assert file.line(("things", "b", "size")) == 5
    assert file.line(("things", "b", "size", "deeper")) == 5
    assert file.line(()) == 2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("things:\n  a: {size: 0}\n", r"things\.yaml:2: things\.a\.size: .*greater than or equal to 1"),
        ("things:\n  a: {size: 1, colour: red}\n", r":2: things\.a\.colour"),
        ("things:\n  a: {size: 1}\n  a: {size: 2}\n", r":3: key 'a' stands here for the second time"),
        ("things: [\n", r":2: is not YAML"),
        ("things: !!python/object:os.system {}\n", r":1: tag .* is not allowed"),
        ("things:\n  ? [a, b]\n  : 1\n", r":2: a key is a plain word"),
        ("", r":1: .*valid dictionary"),
        (b"\xff\xfe\xfa", "is not UTF-8"),
        ("a" * (LARGEST_FILE + 1), "more than"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str | bytes, complaint: str) -> None:
    with pytest.raises(TenantDialogInvalid, match=complaint):
        read_yaml(write(tmp_path, text)).shaped(Things)


def test_a_part_under_a_key_is_complained_about_with_its_key(tmp_path: Path) -> None:
    file = read_yaml(write(tmp_path, "mine:\n  size: small\nyours: 1\n"))
    with pytest.raises(TenantDialogInvalid, match=r":2: mine\.size"):
        file.shaped(Thing, under="mine")
    assert file.shaped(Thing, under="absent", default={"size": 3}).size == 3


def test_an_alias_means_what_it_points_to(tmp_path: Path) -> None:
    file = read_yaml(write(tmp_path, "things:\n  a: &one {size: 1}\n  b: *one\n"))
    assert file.shaped(Things).things["b"].size == 1


def test_aliases_cannot_grow_without_end(tmp_path: Path) -> None:
    layers = "\n".join(f"l{n}: &l{n} [*l{n - 1}, *l{n - 1}, *l{n - 1}, *l{n - 1}]" for n in range(1, 12))
    with pytest.raises(TenantDialogInvalid, match="aliases"):
        read_yaml(write(tmp_path, f"l0: &l0 [x]\n{layers}\n"))
