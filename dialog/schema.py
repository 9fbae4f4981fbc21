"""A small, strict part of JSON Schema: what actions take, and what their back ends may answer.

Understood: ``type`` (one name, or a list of names such as ``[string, "null"]``), ``properties``, ``required``,
``items``, ``enum``, ``pattern`` (matched against the whole), ``format: date``, ``minLength``, ``maxLength``,
``minimum``, ``maximum``, ``maxItems``. Refuses any other keyword when a schema is loaded, rather than ignore a rule
that somebody relies upon.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": Mapping,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
KEYWORDS = frozenset(
    "type properties required items enum pattern format minLength maxLength minimum maximum maxItems".split()
)
"""What of JSON Schema is understood."""


def problems_of_schema(schema: object, path: str = "") -> list[str]:
    """What is wrong with a schema itself, each with the path to it; empty when it can be used."""
    where = path or "(top)"
    if not isinstance(schema, Mapping):
        return [f"{where}: a schema is a mapping"]
    found = [f"{where}: keyword {key!r} is not supported" for key in schema if key not in KEYWORDS]
    found += [f"{where}: type {name!r} does not exist" for name in _type_names(schema) if name not in _TYPES]
    if not _type_names(schema) and "enum" not in schema:
        found.append(f"{where}: it has neither type nor enum")
    if schema.get("format", "date") != "date":
        found.append(f"{where}: format {schema['format']!r} is not supported")
    pattern = schema.get("pattern")
    if pattern is not None:
        try:
            re.compile(str(pattern))
        except re.error as error:
            found.append(f"{where}: pattern {pattern!r} does not compile: {error}")
    properties = schema.get("properties", {})
    if not isinstance(properties, Mapping):
        return [*found, f"{where}: properties is not a mapping"]
    for name, part in properties.items():
        found += problems_of_schema(part, f"{path}/{name}")
    found += [
        f"{where}: required {name!r} is not a property" for name in schema.get("required", ()) if name not in properties
    ]
    if "items" in schema:
        found += problems_of_schema(schema["items"], f"{path}/items")
    return found


def violations(schema: Mapping[str, object], value: object, path: str = "") -> list[str]:
    """How ``value`` breaks ``schema``, each with the path to it; empty when it fits. Unknown properties are no
    violation."""
    where = path or "(top)"
    names = _type_names(schema)
    if names and not any(_is(value, name) for name in names):
        return [f"{where}: is not {' or '.join(names)}"]
    allowed = schema.get("enum")
    if isinstance(allowed, Sequence) and value not in allowed:
        return [f"{where}: is none of {', '.join(map(str, allowed))}"]
    match value:
        case str():
            return [f"{where}: {problem}" for problem in _text(schema, value)]
        case bool() | None:
            return []
        case int() | float():
            return [f"{where}: {problem}" for problem in _number(schema, value)]
        case list():
            return _array(schema, value, path)
        case Mapping():
            return _object(schema, value, path)
        case _:
            return []


def only_known(schema: Mapping[str, object], value: object) -> object:
    """``value`` without the properties that its schema does not name: what nobody described is not passed on."""
    properties, items = schema.get("properties"), schema.get("items")
    if isinstance(value, Mapping) and isinstance(properties, Mapping):
        return {name: only_known(part, value[name]) for name, part in properties.items() if name in value}
    if isinstance(value, list) and isinstance(items, Mapping):
        return [only_known(items, element) for element in value]
    return value


def canonical(schema: Mapping[str, object], value: object) -> object:
    """``value`` in the one form that everything of the same meaning has.

    Texts are in Unicode's composed form without blanks around them; a text of digits is the number where the schema
    wants a number; properties that are None and need not be there are left out. A copy: nothing of ``value`` is shared.
    """
    match value:
        case str():
            return _as_number(_type_names(schema), unicodedata.normalize("NFC", value).strip())
        case Mapping():
            properties, required = schema.get("properties", {}), schema.get("required", ())
            assert isinstance(properties, Mapping), "checked when the schema was loaded"
            assert isinstance(required, Sequence), "checked when the schema was loaded"
            return {
                str(name): canonical(properties.get(name, {}), value[name])
                for name in sorted(value)
                if value[name] is not None or name in required
            }
        case list() | tuple():
            items = schema.get("items")
            return [canonical(items if isinstance(items, Mapping) else {}, element) for element in value]
        case _:
            return value


def _as_number(names: tuple[str, ...], text: str) -> object:
    if "string" in names:
        return text
    if {"integer", "number"} & set(names) and re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    if "number" in names and re.fullmatch(r"-?[0-9]+\.[0-9]+", text):
        return float(text)
    return text


def _type_names(schema: Mapping[str, object]) -> tuple[str, ...]:
    named = schema.get("type")
    if named is None:
        return ()
    return tuple(map(str, named)) if isinstance(named, list) else (str(named),)


def _is(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name])


def _limit(schema: Mapping[str, object], keyword: str) -> float | None:
    limit = schema.get(keyword)
    return float(limit) if isinstance(limit, int | float) else None


def _text(schema: Mapping[str, object], value: str) -> list[str]:
    found = []
    least, most, pattern = _limit(schema, "minLength"), _limit(schema, "maxLength"), schema.get("pattern")
    if least is not None and len(value) < least:
        found.append(f"is shorter than {least:.0f} characters")
    if most is not None and len(value) > most:
        found.append(f"is longer than {most:.0f} characters")
    if pattern is not None and re.fullmatch(str(pattern), value) is None:
        found.append(f"does not match {pattern}")
    if schema.get("format") == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            found.append("is not a date such as 2026-11-24")
    return found


def _number(schema: Mapping[str, object], value: float) -> list[str]:
    found = []
    least, most = _limit(schema, "minimum"), _limit(schema, "maximum")
    if least is not None and value < least:
        found.append(f"is less than {least:g}")
    if most is not None and value > most:
        found.append(f"is more than {most:g}")
    return found


def _array(schema: Mapping[str, object], value: list[object], path: str) -> list[str]:
    most, items = _limit(schema, "maxItems"), schema.get("items")
    if most is not None and len(value) > most:
        return [f"{path or '(top)'}: has more than {most:.0f} items"]
    if not isinstance(items, Mapping):
        return []
    return [problem for index, element in enumerate(value) for problem in violations(items, element, f"{path}/{index}")]


def _object(schema: Mapping[str, object], value: Mapping[str, object], path: str) -> list[str]:
    required, properties = schema.get("required", ()), schema.get("properties", {})
    assert isinstance(required, Sequence), "checked when the schema was loaded"
    assert isinstance(properties, Mapping), "checked when the schema was loaded"
    found = [f"{path}/{name}: is missing" for name in required if name not in value]
    for name, part in properties.items():
        if name in value:
            found += violations(part, value[name], f"{path}/{name}")
    return found
