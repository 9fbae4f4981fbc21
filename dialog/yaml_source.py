"""A tenant's YAML files, read so that every complaint can name its file and line.

The people who write them are no programmers: "intents.ko.yaml:41: delivery: needs at least 3 examples" is worth the
bookkeeping. Refuses duplicate keys, which YAML readers silently let win, and tags that construct objects.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from dialog.errors import TenantDialogInvalid

LARGEST_FILE = 2 * 1024 * 1024
"""Bytes of one file that are read."""

MOST_PARTS = 100_000
"""Parts that a file may have once its aliases are followed."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in "str int float bool null timestamp map seq".split())

Place = tuple[str | int, ...]


class Shape(BaseModel):
    """What a part of a file must look like. Keys that it does not know are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file's content as plain data, and the line (from 1) where each part of it begins."""

    path: Path
    content: Any
    lines: dict[Place, int]
    source: bytes

    def line(self, place: Iterable[str | int]) -> int:
        """The line of the part at ``place``, or of the nearest part around it."""
        wanted = tuple(place)
        while wanted and wanted not in self.lines:
            wanted = wanted[:-1]
        return self.lines.get(wanted, 1)

    def complaint(self, place: Iterable[str | int], problem: str) -> TenantDialogInvalid:
        """The error that says what is wrong where."""
        wanted = tuple(place)
        key = ".".join(map(str, wanted))
        return TenantDialogInvalid(f"{self.path}:{self.line(wanted)}: {f'{key}: ' if key else ''}{problem}")

    def shaped(self, model: type[M], *, under: str | None = None, default: Any = None) -> M:
        """The content (or the part ``under`` a top-level key) as ``model``. Raises ``TenantDialogInvalid``."""
        prefix: Place = () if under is None else (under,)
        content = self.content
        if under is not None:
            content = self.content.get(under, default) if isinstance(self.content, dict) else default
        try:
            return model.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            place = (*prefix, *(part for part in first["loc"] if isinstance(part, str | int)))
            raise self.complaint(place, first["msg"]) from error


def read_yaml(path: Path) -> YamlFile:
    """Read one file. Raises ``TenantDialogInvalid`` that names the file and, where there is one, the line."""
    try:
        source = path.read_bytes()
        text = source.decode("utf-8-sig")
    except OSError as error:
        raise TenantDialogInvalid(f"{path}: cannot be read ({error.strerror}); create it") from error
    except UnicodeDecodeError as error:
        raise TenantDialogInvalid(f"{path}: is not UTF-8; save it as UTF-8") from error
    if len(source) > LARGEST_FILE:
        raise TenantDialogInvalid(f"{path}: has more than {LARGEST_FILE} bytes; split it")
    lines: dict[Place, int] = {}
    try:
        node = yaml.compose(text, Loader=_Loader)
        content = None if node is None else _Builder(path, lines).build(node, ())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TenantDialogInvalid(f"{path}:{line}: is not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise TenantDialogInvalid(f"{path}: is not YAML: {error}") from error
    return YamlFile(path, content, lines, source)


class _Builder:
    """Turns YAML nodes into plain data and notes where each began. Aliases are followed, but not without end."""

    def __init__(self, path: Path, lines: dict[Place, int]) -> None:
        self._path = path
        self._lines = lines
        self._scalars = yaml.constructor.SafeConstructor()
        self._built = 0

    def build(self, node: yaml.Node, place: Place) -> Any:
        """The data of a node."""
        line = node.start_mark.line + 1
        self._lines.setdefault(place, line)
        self._built += 1
        if self._built > MOST_PARTS:
            raise TenantDialogInvalid(
                f"{self._path}:{line}: aliases make it more than {MOST_PARTS} parts; write it out"
            )
        if node.tag not in _PLAIN_TAGS or len(place) > 32:
            raise TenantDialogInvalid(f"{self._path}:{line}: tag {node.tag!r} is not allowed here; write plain values")
        match node:
            case yaml.MappingNode():
                return self._mapping(node, place)
            case yaml.SequenceNode():
                return [self.build(child, (*place, index)) for index, child in enumerate(node.value)]
            case _:
                return self._scalars.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[Hashable, Any]:
        built: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise TenantDialogInvalid(f"{self._path}:{line}: a key is a plain word")
            key = key_node.value
            if key in built:
                raise TenantDialogInvalid(f"{self._path}:{line}: key {key!r} stands here for the second time")
            inner = (*place, key)
            self._lines[inner] = line
            built[key] = self.build(value_node, inner)
        return built
