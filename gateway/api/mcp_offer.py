"""What a tenant offers to other programs over MCP, and to whom: read from ``mcp.yaml`` in the tenant's folder.

    knowledge: true                               # also offers search_knowledge
    tools:
      order_status:                               # the name of an action
        title: {ko: 주문 조회, en: Look up an order}
        description: {ko: …, en: …}
        arguments:
          order_number: {ko: 주문 번호 여덟 자리, en: the eight digits of the order number}
    clients:                                      # who has a token of its own (AICC_GATEWAY_MCP_TOKENS)
      desk-assistant: {acts_for_customers: knowledge}

A tenant without the file offers nothing. Nothing is offered that is not named, in every language of the tenant.

Refuses, with file, line and key: actions that have secrets, and those that find out who calls, because their tries are
counted in conversations only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, field_validator

from dialog.actions.action import Action, Risk
from dialog.actions.rules import Identity
from dialog.flows.source import properties
from dialog.releases.release import Release
from dialog.yaml_source import Place, Shape, YamlFile, read_yaml

FILE = "mcp.yaml"

CONFIRM, WITHDRAW, SEARCH = "confirm", "withdraw", "search_knowledge"
"""Tools of our own beside the tenant's."""

HOUSE = "api"
"""What the holder of the house's own token is called: no customer may be acted for with it unless it is named."""

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)

Words = Mapping[str, str]
"""A text by language."""


class _ToolShape(Shape):
    title: dict[str, str]
    description: dict[str, str]
    arguments: dict[str, dict[str, str]] = Field(default={})


class _ClientShape(Shape):
    acts_for_customers: str = "none"

    @field_validator("acts_for_customers")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in _LEVELS:
            raise ValueError(f"must be one of {', '.join(_LEVELS)}")
        return name


class _OfferShape(Shape):
    knowledge: bool = False
    tools: dict[str, _ToolShape] = Field(default={})
    clients: dict[str, _ClientShape] = Field(default={})


_LEVELS = {level.name.lower(): level for level in Identity}


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """An action that other programs may use, and how it is described to them."""

    action: Action
    title: Words
    description: Words
    arguments: Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class Offer:
    """All that a tenant offers. ``clients`` maps those who have a token to how well a customer whom they name counts
    as known; ``NONE``: they may name none."""

    tenant: str
    tools: Mapping[str, OfferedTool]
    knowledge: bool
    clients: Mapping[str, Identity]

    @property
    def changes(self) -> bool:
        """Whether anything of it changes something, and so can be confirmed."""
        return any(tool.action.risk is not Risk.READ_ONLY for tool in self.tools.values())


def read_offer(folder: Path, release: Release) -> Offer | None:
    """What the tenant in ``folder`` offers; None without a file. Raises ``TenantDialogInvalid``."""
    path = folder / FILE
    if not path.is_file():
        return None
    file = read_yaml(path)
    shape = file.shaped(_OfferShape)
    tools = {name: _tool(file, name, part, release) for name, part in shape.tools.items()}
    clients = {name: _LEVELS[part.acts_for_customers] for name, part in shape.clients.items()}
    return Offer(release.tenant.id, tools, shape.knowledge, clients)


def _tool(file: YamlFile, name: str, part: _ToolShape, release: Release) -> OfferedTool:
    where: Place = ("tools", name)
    action = release.actions.get(name)
    if action is None:
        raise file.complaint(where, "actions.yaml has no such action")
    if not _NAME.fullmatch(name) or name in {CONFIRM, WITHDRAW, SEARCH}:
        raise file.complaint(where, f"no tool can be called so: letters, digits, '_', '-', '.'; not {CONFIRM}")
    if action.secret:
        raise file.complaint(where, "it has secrets, which no other program may see: it cannot be offered")
    if any(flow.identifies is not None and flow.identifies.by == name for flow in release.flows.values()):
        raise file.complaint(where, "it finds out who calls, and is for conversations only: it cannot be offered")
    texts = {"title": part.title, "description": part.description}
    texts |= {f"arguments.{argument}": words for argument, words in part.arguments.items()}
    for key, words in texts.items():
        missing = [code for code in release.tenant.languages if not words.get(code)]
        if missing:
            raise file.complaint((*where, *key.split(".", 1)), f"has no words for {', '.join(missing)}")
    for argument in set(part.arguments) ^ properties(action.arguments):
        raise file.complaint((*where, "arguments"), f"{argument!r} stands on one side only; describe each argument")
    return OfferedTool(action, part.title, part.description, part.arguments)
