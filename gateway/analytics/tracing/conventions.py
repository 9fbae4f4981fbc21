"""What spans and their attributes are called: OpenTelemetry's conventions for generative AI, and our own beside them.

Source: Semantic Conventions 1.41.0, "Generative AI", status Development; the last release before that part moved to a
repository of its own. They change from release to release, so this version is pinned, and no other module knows their
names. Ours begin with ``aicc.``.

Refuses: their attributes for messages, instructions, arguments, results and queries (all of them opt-in there). What
people said does not stand in a span.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from infra.telemetry.spans import Attribute

SCHEMA = "https://opentelemetry.io/schemas/1.41.0"
"""The version, as OpenTelemetry's schemas are named."""

SCOPE = "aicc.calls"
"""Who makes the spans."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,79}", re.ASCII)
_LONG_NUMBER = re.compile(r"\d{5}")
_DATED = re.compile(r"\d{9}")
_DIGEST = re.compile(r"[0-9a-f]{64}")

SHORT_DIGEST = 12
"""Characters by which a release is told apart, here as everywhere."""


def word(value: object) -> str | None:
    """``value`` if it is a name out of a program or a tenant's file (``no_answer``, ``orders.status``), and nothing
    that a person could have said: no spaces, no other script, no number of five digits."""
    if not isinstance(value, str) or not _WORD.fullmatch(value) or _LONG_NUMBER.search(value):
        return None
    return value


def model(value: object) -> str | None:
    """``value`` if it is the name of a language model, which may end with a date (``qwen-20250514``)."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) and not _DATED.search(value) else None


def release(value: object) -> str | None:
    """The short form of a release's id, which is a SHA-256."""
    return value[:SHORT_DIGEST] if isinstance(value, str) and _DIGEST.fullmatch(value) else None


def own(**attributes: Attribute | None) -> dict[str, Attribute]:
    """Attributes of ours; those that are None are left out."""
    return {f"aicc.{name}": value for name, value in attributes.items() if value is not None}


def conversation(call: str) -> dict[str, Attribute]:
    """Which conversation a span belongs to: it is the id of the call, for a search in both worlds."""
    return {"gen_ai.conversation.id": call}


def agent_name(tenant: str) -> str:
    """A span in which the dialog answers a turn ("invoke agent internal")."""
    return f"invoke_agent {tenant}"


def agent(call: str, tenant: str, version: str | None, using: str | None) -> dict[str, Attribute]:
    """Its attributes: the agent is the tenant's bot, its ``version`` the release that answered; ``using`` is the
    language model that took part, if one did."""
    found = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": tenant, "gen_ai.output.type": "speech"}
    more = {"gen_ai.agent.version": version, "gen_ai.request.model": using}
    return {**conversation(call), **found, **{name: value for name, value in more.items() if value}}


def retrieval_name(source: str) -> str:
    """A span in which knowledge is searched ("retrievals")."""
    return f"retrieval {source}"


def retrieval(call: str, source: str) -> dict[str, Attribute]:
    """Its attributes; ``source`` names the knowledge, not what was asked."""
    return {**conversation(call), "gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": source}


def tool_name(action: str) -> str:
    """A span in which a business action is carried out ("execute tool")."""
    return f"execute_tool {action}"


def tool(call: str, action: str) -> dict[str, Attribute]:
    """Its attributes."""
    named = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": action, "gen_ai.tool.type": "function"}
    return {**conversation(call), **named}


def failed(kind: str) -> dict[str, Attribute]:
    """The attribute of a span that ended in an error (general conventions, "recording errors")."""
    return {"error.type": kind}


def words(payload: Mapping[str, object], **named: str) -> dict[str, Attribute]:
    """Attributes of ours out of an event: each ``name=key`` whose value is a ``word``, a number or a truth value."""
    found: dict[str, Attribute] = {}
    for name, key in named.items():
        value = payload.get(key)
        plain = value if isinstance(value, bool | int | float) else word(value)
        if plain is not None:
            found[f"aicc.{name}"] = plain
    return found
