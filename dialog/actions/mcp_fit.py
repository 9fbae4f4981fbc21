"""Whether a tool of an MCP server is what an action of the tenant's takes it for. Pure.

Both sides describe what goes over the wire: the tenant in ``actions.yaml``, the server in its list of tools. They are
compared before anything is sent, so that a misfit is a message to whoever starts the house, and no failure in a call.
Compared are names, what is required, types and enumerations, to any depth; limits such as lengths and patterns are
not: what is beyond the server's it refuses itself. Where a server's schema says nothing, it is taken to accept.

A tool's titles and descriptions are not read at all: they are others' words, and nothing here follows them.

A schema of theirs may refer to itself, in many ways at once. Each part of ours is held against each of theirs once, and
the comparing is bounded: a schema that takes more than ``MOST_STEPS`` fits nothing, and is told so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dialog.actions.action import Action, Risk

DEEPEST = 12
"""How deep schemas are compared; what goes deeper is taken to fit."""

MOST_STEPS = 20_000
"""Parts of the tool's schema that are looked at, each as often as a part of ours is held against it."""

MOST_COMPLAINTS = 20
"""What is told of one comparison."""

Schema = Mapping[str, object]

_NOTHING: Schema = MappingProxyType({})
"""A schema that says nothing: it takes everything."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What a server says of one of its tools: the schemas of what it ``takes`` and ``gives``, if it names one, and
    whether it ``only_reads``, if it says that."""

    takes: Schema
    gives: Schema | None = None
    only_reads: bool | None = None


def misfits(action: Action, tool: Tool) -> list[str]:
    """Why the action cannot be carried out by the tool, each with the place; empty when it can."""
    try:
        found = _Comparison(tool.takes).refused(action.arguments, tool.takes, 0)
    except _TooLarge:
        found = [
            ("", f"the tool's schema is too large to be compared (over {MOST_STEPS} steps); ask for a simpler one")
        ]
    told = [f"arguments{where}: {why}" for where, why in found]
    if action.risk is Risk.READ_ONLY and tool.only_reads is False:
        told.append("risk: it is read_only here, and the tool says that it changes something")
    given = _mapping((tool.gives or {}).get("properties"))
    if given:
        missing = [name for name in _names(action.result, "required") if name not in given]
        told += [f"result/{name}: the tool gives no such thing" for name in missing]
    return told


class _TooLarge(Exception):
    """The comparing would have no end in sight."""


Complaint = tuple[str, str]
"""Where, from the part that was compared, and why."""


class _Comparison:
    """Our parts against those of one schema of theirs, each pair once. Parts are known by their identity: all of them
    are kept by the two schemas for as long as they are compared."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._steps = 0
        self._alternatives: dict[int, list[Schema]] = {}
        self._found: dict[tuple[int, int], list[Complaint]] = {}

    def refused(self, ours: Schema, theirs: Schema, depth: int) -> list[Complaint]:
        """What of the values that our schema lets through theirs does not take. Raises ``_TooLarge``."""
        if depth > DEEPEST:
            return []
        pair = id(ours), id(theirs)
        if pair not in self._found:
            self._found[pair] = []  # in progress: what comes back to itself fits as far as it does anywhere else
            self._found[pair] = list(self._compared(ours, self._ways(theirs), depth))[:MOST_COMPLAINTS]
        return self._found[pair]

    def _compared(self, ours: Schema, alternatives: list[Schema], depth: int) -> Iterable[Complaint]:
        if "enum" in ours:
            for value in _names(ours, "enum"):
                self._step(len(alternatives))
                if not any(_takes_value(one, value) for one in alternatives):
                    yield "", f"the tool does not take {value!r}"
            return
        for name in _types(ours):
            self._step(len(alternatives))
            able = [one for one in alternatives if _takes_type(one, name)]
            if not able:
                yield "", f"the tool takes no {name}"
            elif all("enum" in one or "const" in one for one in able):
                yield "", "the tool takes only some values; give it the same enum"
            elif name == "object":
                yield from _best(list(self._refused_object(ours, one, depth)) for one in able)
            elif name == "array":
                items = _mapping(ours.get("items"))
                found = _best(self.refused(items, _mapping(one.get("items")), depth + 1) for one in able)
                yield from (("/items" + where, why) for where, why in found)

    def _refused_object(self, ours: Schema, theirs: Schema, depth: int) -> Iterable[Complaint]:
        sent, taken = _mapping(ours.get("properties")), _mapping(theirs.get("properties"))
        self._step(len(sent))
        more = theirs.get("additionalProperties") is True or isinstance(theirs.get("additionalProperties"), Mapping)
        says_nothing = not taken and "properties" not in theirs and theirs.get("additionalProperties") is not False
        required = _names(ours, "required")
        for name in _names(theirs, "required"):
            if name not in required:
                yield f"/{name}", "the tool requires it, and it is not required here"
        for name, schema in sent.items():
            if name in taken:
                found = self.refused(_mapping(schema), _mapping(taken[name]), depth + 1)
                yield from ((f"/{name}{where}", why) for where, why in found)
            elif not more and not (says_nothing and depth):
                yield f"/{name}", "the tool does not know it"

    def _ways(self, schema: Schema) -> list[Schema]:
        """The ways in which a value can fit a schema: references resolved, ``anyOf`` and ``oneOf`` apart. What only
        leads back to itself says nothing."""
        known = self._alternatives.get(id(schema))
        if known is not None:
            return known
        found: list[Schema] = []
        seen: set[int] = set()
        waiting = [schema]
        while waiting:
            self._step()
            one = waiting.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            reference, choices = one.get("$ref"), one.get("anyOf") or one.get("oneOf")
            if isinstance(reference, str):
                waiting.append(_resolved(reference, self._root))
            elif isinstance(choices, list):
                waiting += [_mapping(choice) for choice in reversed(choices)]
            else:
                found.append(one)
        self._alternatives[id(schema)] = found or [_NOTHING]
        return self._alternatives[id(schema)]

    def _step(self, count: int = 1) -> None:
        self._steps += count
        if self._steps > MOST_STEPS:
            raise _TooLarge


def _best(attempts: Iterable[list[Complaint]]) -> list[Complaint]:
    """The complaints of the alternative that has the fewest."""
    return min(attempts, key=len, default=[])


def _resolved(reference: str, root: Schema) -> Schema:
    """What a reference within the schema refers to; one that leads elsewhere says nothing."""
    if reference == "#":
        return root
    place: object = root
    for key in reference.removeprefix("#/").split("/"):
        place = _mapping(place).get(key.replace("~1", "/").replace("~0", "~"))
    return _mapping(place)


def _takes_type(schema: Schema, name: str) -> bool:
    taken = _types(schema)
    return not taken or name in taken or (name == "integer" and "number" in taken)


def _takes_value(schema: Schema, value: object) -> bool:
    if "const" in schema:
        return schema["const"] == value
    if "enum" in schema:
        return value in _names(schema, "enum")
    return _takes_type(schema, _TYPES.get(type(value), "object"))


_TYPES: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
    list: "array",
}


def _types(schema: Schema) -> tuple[str, ...]:
    named = schema.get("type")
    return tuple(map(str, named)) if isinstance(named, list) else (() if named is None else (str(named),))


def _names(schema: Schema, key: str) -> list[object]:
    listed = schema.get(key, ())
    return list(listed) if isinstance(listed, list | tuple) else []


def _mapping(part: object) -> Schema:
    return part if isinstance(part, Mapping) else _NOTHING
