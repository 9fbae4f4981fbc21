"""Whether a tool of an MCP server is what an action of the tenant's takes it for. Pure.

Both sides describe what goes over the wire: the tenant in ``actions.yaml``, the server in its list of tools. They are
compared before anything is sent, so that a misfit is a message to whoever starts the house, and no failure in a call.
Compared are names, what is required, types and enumerations, to any depth; limits such as lengths and patterns are
not: what is beyond the server's it refuses itself. Where a server's schema says nothing, it is taken to accept.

A tool's titles and descriptions are not read at all: they are others' words, and nothing here follows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dialog.actions.action import Action, Risk

DEEPEST = 12
"""How deep schemas are compared; what goes deeper, or refers to itself, is taken to fit."""

Schema = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Tool:
    """What a server says of one of its tools: the schemas of what it ``takes`` and ``gives``, if it names one, and
    whether it ``only_reads``, if it says that."""

    takes: Schema
    gives: Schema | None = None
    only_reads: bool | None = None


def misfits(action: Action, tool: Tool) -> list[str]:
    """Why the action cannot be carried out by the tool, each with the place; empty when it can."""
    found = list(_refused(action.arguments, tool.takes, tool.takes, "arguments", 0))
    if action.risk is Risk.READ_ONLY and tool.only_reads is False:
        found.append("risk: it is read_only here, and the tool says that it changes something")
    given = _mapping((tool.gives or {}).get("properties"))
    if given:
        missing = [name for name in _names(action.result, "required") if name not in given]
        found += [f"result/{name}: the tool gives no such thing" for name in missing]
    return found


def _refused(ours: Schema, theirs: Schema, root: Schema, where: str, depth: int) -> Iterator[str]:
    """What of the values that our schema lets through theirs does not take."""
    alternatives = tuple(_alternatives(theirs, root, depth))
    if depth > DEEPEST:
        return
    if "enum" in ours:
        for value in _names(ours, "enum"):
            if not any(_takes_value(one, value) for one in alternatives):
                yield f"{where}: the tool does not take {value!r}"
        return
    for name in _types(ours):
        able = [one for one in alternatives if _takes_type(one, name)]
        if not able:
            yield f"{where}: the tool takes no {name}"
        elif all("enum" in one or "const" in one for one in able):
            yield f"{where}: the tool takes only some values; give it the same enum"
        elif name == "object":
            yield from _best(_refused_object(ours, one, root, where, depth) for one in able)
        elif name == "array":
            items = _mapping(ours.get("items"))
            yield from _best(
                _refused(items, _mapping(one.get("items")), root, f"{where}/items", depth + 1) for one in able
            )


def _refused_object(ours: Schema, theirs: Schema, root: Schema, where: str, depth: int) -> Iterator[str]:
    sent, taken = _mapping(ours.get("properties")), _mapping(theirs.get("properties"))
    more = theirs.get("additionalProperties") is True or isinstance(theirs.get("additionalProperties"), Mapping)
    says_nothing = not taken and "properties" not in theirs and theirs.get("additionalProperties") is not False
    for name in _names(theirs, "required"):
        if name not in _names(ours, "required"):
            yield f"{where}/{name}: the tool requires it, and it is not required here"
    for name, schema in sent.items():
        if name in taken:
            yield from _refused(_mapping(schema), _mapping(taken[name]), root, f"{where}/{name}", depth + 1)
        elif not more and not (says_nothing and depth):
            yield f"{where}/{name}: the tool does not know it"


def _best(attempts: Iterator[Iterator[str]]) -> list[str]:
    """The complaints of the alternative that has the fewest."""
    return min((list(attempt) for attempt in attempts), key=len, default=[])


def _alternatives(schema: Schema, root: Schema, depth: int) -> Iterator[Schema]:
    """The ways in which a value can fit a schema: references resolved, ``anyOf`` and ``oneOf`` apart."""
    if depth > DEEPEST:
        yield {}
        return
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield from _alternatives(_resolved(reference, root), root, depth + 1)
        return
    choices = schema.get("anyOf") or schema.get("oneOf")
    if not isinstance(choices, list):
        yield schema
        return
    for choice in choices:
        yield from _alternatives(_mapping(choice), root, depth + 1)


def _resolved(reference: str, root: Schema) -> Schema:
    """What a reference within the schema refers to; one that leads elsewhere says nothing."""
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


def _mapping(part: object) -> dict[str, object]:
    return dict(part) if isinstance(part, Mapping) else {}
