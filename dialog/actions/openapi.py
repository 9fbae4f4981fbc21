"""Actions from a description that a service already has: an OpenAPI document, or an MCP server's list of tools.

What comes out is the content of an ``actions.yaml`` for a person to read and complete, never something that is carried
out as it is: a document says how to call a service, and not who may, how it is proved, or what it costs when it goes
wrong. So everything that is not a GET comes out as irreversible, and what our schemas cannot hold is listed rather than
dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dialog.actions.action import Risk
from dialog.errors import DescriptionRefused
from dialog.schema import KEYWORDS

TIMEOUT = 3.0
"""Seconds that an imported action gets."""

DEEPEST = 12
"""How deep schemas may go; what refers to itself is cut here."""

_METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"


@dataclass(slots=True)
class Imported:
    """The content of an ``actions.yaml``, and what in the description it does not hold, for a person to decide."""

    content: dict[str, object]
    remarks: list[str] = field(default_factory=list)


def from_openapi(document: Mapping[str, object], service: str, only: Iterable[str] = ()) -> Imported:
    """The operations of an OpenAPI 3 document; ``only`` those with these operation ids, by default all.

    Raises ``DescriptionRefused`` for what is no OpenAPI 3 document, or has none of the operations.
    """
    paths = _mapping(document.get("paths"))
    if not str(document.get("openapi", "")).startswith("3.") or not paths:
        raise DescriptionRefused("this is no OpenAPI 3 document with paths; export it again as version 3")
    reading = _Reading(document)
    wanted = set(only)
    actions: dict[str, object] = {}
    for path, item in paths.items():
        shared = _mapping(item).get("parameters", [])
        for method in _METHODS:
            operation = _mapping(_mapping(item).get(method))
            name = _name(str(operation.get("operationId") or f"{method}_{path}"))
            if operation and (not wanted or {name, operation.get("operationId")} & wanted):
                actions[name] = reading.action(name, service, method, str(path), operation, shared)
    if not actions:
        raise DescriptionRefused(f"there is no operation {', '.join(sorted(wanted))} in the document")
    return Imported({"services": {service: {"url": reading.url()}}, "actions": actions}, reading.remarks)


def from_mcp(tools: Iterable[Mapping[str, object]], service: str, url: str) -> Imported:
    """The tools of the MCP server at ``url``, as its ``tools/list`` tells them.

    A tool that says of itself that it only reads is believed by nobody: it comes out as reversible.
    """
    reading = _Reading({})
    actions: dict[str, object] = {}
    for tool in tools:
        name = _name(str(tool.get("name", "")))
        actions[name] = {
            "service": service,
            "tool": str(tool.get("name", "")),
            "risk": (Risk.REVERSIBLE if _only_reads(tool) else Risk.IRREVERSIBLE).value,
            "timeout": TIMEOUT,
            "arguments": reading.schema(tool.get("inputSchema", {}), name),
            "result": reading.schema(tool.get("outputSchema", {"type": "object"}), name),
        }
    if not actions:
        raise DescriptionRefused("the list of tools is empty; is the server the right one?")
    return Imported({"services": {service: {"url": f"mcp+{url}"}}, "actions": actions}, reading.remarks)


class _Reading:
    """Reads parts of one document, and notes what could not be taken over."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document
        self.remarks: list[str] = []

    def url(self) -> str:
        """The first server's URL."""
        servers = self._document.get("servers")
        first = _mapping(servers[0]) if isinstance(servers, list) and servers else {}
        url = str(first.get("url", ""))
        if not url.startswith("http"):
            self.remarks.append("services: the document names no server; write its URL")
            return "http://127.0.0.1"
        return url.rstrip("/")

    def action(
        self, name: str, service: str, method: str, path: str, operation: Mapping[str, object], shared: object
    ) -> dict[str, object]:
        """One operation as an action."""
        properties, required = self._parameters(name, [*_listed(shared), *_listed(operation.get("parameters"))])
        body = self._body(operation.get("requestBody"), name)
        properties |= _mapping(body.get("properties"))
        required |= set(map(str, _listed(body.get("required"))))
        arguments: dict[str, object] = {"type": "object", "properties": properties}
        if required:
            arguments["required"] = sorted(required)
        return {
            "service": service,
            "method": method.upper(),
            "path": path,
            "risk": (Risk.READ_ONLY if method == "get" else Risk.IRREVERSIBLE).value,
            "timeout": TIMEOUT,
            "arguments": arguments,
            "result": self._answer(operation.get("responses"), name),
        }

    def schema(self, schema: object, where: str, depth: int = 0) -> dict[str, object]:
        """A schema as far as ours goes; what goes beyond is noted."""
        given = self._resolved(schema)
        if depth > DEEPEST:
            self.remarks.append(f"{where}: goes deeper than {DEEPEST} levels, or refers to itself; describe it by hand")
            return {"type": "object"}
        taken: dict[str, object] = {}
        for key, value in given.items():
            if key == "properties":
                taken[key] = {
                    name: self.schema(part, f"{where}/{name}", depth + 1) for name, part in _mapping(value).items()
                }
            elif key == "items":
                taken[key] = self.schema(value, f"{where}/items", depth + 1)
            elif key == "format" and value in _OF_NUMBERS:
                continue
            elif key in KEYWORDS and not (key == "format" and value != "date"):
                taken[key] = value
            elif key not in _SAYS_NOTHING:
                self.remarks.append(f"{where}: {key} is not taken over")
        if given.get("nullable") and isinstance(taken.get("type"), str):
            taken["type"] = [taken["type"], "null"]
        if "type" not in taken and "enum" not in taken:
            taken["type"] = "object" if "properties" in taken or not depth else "string"
            if depth:
                self.remarks.append(f"{where}: has no type; string is a guess")
        return taken

    def _parameters(self, name: str, parameters: Iterable[object]) -> tuple[dict[str, object], set[str]]:
        properties: dict[str, object] = {}
        required: set[str] = set()
        for given in parameters:
            parameter = self._resolved(given)
            called, place = str(parameter.get("name", "")), parameter.get("in")
            if place not in {"path", "query"}:
                self.remarks.append(f"{name}: the {place} parameter {called} is not taken over")
                continue
            properties[called] = self.schema(parameter.get("schema", {"type": "string"}), f"{name}/{called}", 1)
            if place == "path" or parameter.get("required"):
                required.add(called)
        return properties, required

    def _body(self, body: object, name: str) -> dict[str, object]:
        if body is None:
            return {}
        content = _mapping(self._resolved(body).get("content"))
        if _JSON not in content:
            self.remarks.append(f"{name}: its body is no JSON, and is not taken over")
            return {}
        return self.schema(_mapping(content[_JSON]).get("schema", {}), name)

    def _answer(self, responses: object, name: str) -> dict[str, object]:
        for status, response in _mapping(responses).items():
            content = _mapping(self._resolved(response).get("content"))
            if str(status).startswith("2") and _JSON in content:
                schema = self.schema(_mapping(content[_JSON]).get("schema", {}), f"{name} (result)")
                if schema.get("type") == "object":
                    return schema
                self.remarks.append(f"{name}: its answer is no object; let the service wrap it")
        return {"type": "object"}

    def _resolved(self, part: object) -> Mapping[str, object]:
        """A part, or what it refers to within the document. Raises ``DescriptionRefused`` for what is elsewhere."""
        found = _mapping(part)
        for _ in range(DEEPEST):
            reference = found.get("$ref")
            if reference is None:
                return found
            place: object = self._document
            for key in str(reference).removeprefix("#/").split("/"):
                place = _mapping(place).get(key.replace("~1", "/").replace("~0", "~"))
            if not str(reference).startswith("#/") or place is None:
                raise DescriptionRefused(f"{reference} is not in the document; bundle it into one file")
            found = _mapping(place)
        raise DescriptionRefused(f"{found.get('$ref')} only refers to other references")


_OF_NUMBERS = frozenset({"int32", "int64", "float", "double"})
_SAYS_NOTHING = frozenset("description title example examples default nullable readOnly writeOnly deprecated".split())


def _only_reads(tool: Mapping[str, object]) -> bool:
    return _mapping(tool.get("annotations")).get("readOnlyHint") is True


def _name(given: str) -> str:
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", given)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_") or "unnamed"


def _mapping(part: object) -> dict[str, object]:
    return dict(part) if isinstance(part, Mapping) else {}


def _listed(part: object) -> list[object]:
    return list(part) if isinstance(part, list | tuple) else []
