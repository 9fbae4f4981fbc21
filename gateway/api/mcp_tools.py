"""How a tenant's offer looks in a list of MCP tools: names, words, schemas, annotations. Pure.

An action's schema goes out as it stands, with its arguments described. Annotations follow from its risk; those of a
tool that changes something are about what its confirmation does, although the tool itself only proposes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp_types import Tool, ToolAnnotations

from dialog.actions.action import Risk
from dialog.releases.release import Release
from gateway.api import mcp_words as said
from gateway.api.mcp_offer import CONFIRM, SEARCH, WITHDRAW, Offer, OfferedTool, Words

Schema = Mapping[str, object]

CONFIRM_TAKES: Schema = {
    "type": "object",
    "required": ["proposal"],
    "properties": {"proposal": {"type": "string", "maxLength": 64}, "words": {"type": "string", "maxLength": 200}},
}
WITHDRAW_TAKES: Schema = {
    "type": "object",
    "required": ["proposal"],
    "properties": {"proposal": {"type": "string", "maxLength": 64}},
}
SEARCH_TAKES: Schema = {
    "type": "object",
    "required": ["query"],
    "properties": {
        "query": {"type": "string", "minLength": 1, "maxLength": 500},
        "language": {"type": "string", "maxLength": 8},
        "limit": {"type": "integer", "minimum": 1, "maximum": 5},
    },
}

_TEXT: Schema = {"type": "string"}
_DONE = ["succeeded"]


def listed(offer: Offer, release: Release, language: str) -> list[Tool]:
    """All tools of an offer, described in one language of the tenant's."""
    tools = [_of_action(tool, language) for tool in offer.tools.values()]
    if offer.changes:
        worst = max((tool.action.risk for tool in offer.tools.values()), key=list(Risk).index)
        confirm = {"proposal": said.CONFIRM_PROPOSAL, "words": said.CONFIRM_WORDS}
        withdraw = {"proposal": said.CONFIRM_PROPOSAL}
        tools += [
            _tool(
                CONFIRM,
                (said.CONFIRM_TITLE, said.CONFIRM_DESCRIPTION),
                takes(CONFIRM_TAKES, confirm, language),
                _outcome({"action": _TEXT, "result": {"type": "object"}}, _DONE),
                worst,
                language,
            ),
            _tool(
                WITHDRAW,
                (said.WITHDRAW_TITLE, said.WITHDRAW_DESCRIPTION),
                takes(WITHDRAW_TAKES, withdraw, language),
                _outcome({}, ["withdrawn"]),
                Risk.REVERSIBLE,
                language,
            ),
        ]
    if offer.knowledge:
        tools.append(_search(release, language))
    return tools


def takes(schema: Schema, described: Mapping[str, Words], language: str) -> dict[str, Any]:
    """A schema of arguments that takes nothing else, with each of them described."""
    properties = schema.get("properties", {})
    assert isinstance(properties, Mapping), "checked when the schema was loaded"
    named = {name: {**part, "description": described[name][language]} for name, part in properties.items()}
    return {**schema, "properties": named, "additionalProperties": False}


def _of_action(tool: OfferedTool, language: str) -> Tool:
    action = tool.action
    gives = _outcome({"result": action.result}, _DONE) if action.risk is Risk.READ_ONLY else _PROPOSAL
    arguments = takes(action.arguments, tool.arguments, language)
    return _tool(action.id, (tool.title, tool.description), arguments, gives, action.risk, language)


def _search(release: Release, language: str) -> Tool:
    names, codes = release.tenant.name, release.tenant.languages
    about = {code: said.SEARCH_DESCRIPTION[code].format(name=names.get(code, release.tenant.id)) for code in codes}
    described = {"query": said.SEARCH_QUERY, "language": said.SEARCH_LANGUAGE, "limit": said.SEARCH_LIMIT}
    arguments = takes(SEARCH_TAKES, described, language)
    arguments["properties"]["language"]["enum"] = list(codes)
    words = (said.SEARCH_TITLE, about)
    return _tool(SEARCH, words, arguments, _outcome(_PASSAGES, _DONE), Risk.READ_ONLY, language)


def _tool(
    name: str, words: tuple[Words, Words], takes: dict[str, Any], gives: dict[str, Any], risk: Risk, language: str
) -> Tool:
    title, description = words
    return Tool(
        name=name,
        title=title[language],
        description=description[language],
        input_schema=takes,
        output_schema=gives,
        annotations=ToolAnnotations(
            read_only_hint=risk is Risk.READ_ONLY,
            destructive_hint=risk is Risk.IRREVERSIBLE,
            idempotent_hint=True,  # a proposal changes nothing, and its confirmation works once
            open_world_hint=False,
        ),
        _meta={"aicc/title": dict(title), "aicc/description": dict(description)},
    )


def _outcome(more: Mapping[str, Schema], statuses: list[str]) -> dict[str, Any]:
    """The schema of what a tool gives when it is not an error."""
    status = {"type": "string", "enum": statuses}
    return {"type": "object", "required": ["status"], "properties": {"status": status, **more}}


_PROPOSAL = _outcome(
    {
        "proposal": _TEXT,
        "action": _TEXT,
        "arguments": {"type": "object"},
        "read_back": _TEXT,
        "expires_at": {"type": "string", "format": "date-time"},
    },
    ["proposed"],
)
_PASSAGES: Mapping[str, Schema] = {
    "passages": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["document", "title", "passage", "text", "score"],
            "properties": {
                "document": _TEXT,
                "title": _TEXT,
                "passage": _TEXT,
                "headings": {"type": "array", "items": _TEXT},
                "text": _TEXT,
                "score": {"type": "number"},
            },
        },
    }
}
