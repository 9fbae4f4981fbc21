"""What the answer of an MCP server's tool means: one of the three outcomes. Pure.

A tool says in its result that it failed (``isError``); that does not say whether it had done something before. So an
error of a tool that only reads is a failure, and one of a tool that changes something leaves it *unknown*, unless the
tenant has said which words mean that nothing was done (``refusals``). The same holds of a tool that asks a person for
more in the middle of its work: what it had done by then it does not say. What the protocol itself refuses before a tool
is called was certainly not done.

Words in a result are data: they fill the fields that the action's schema names, and nothing else. Those of an error
are compared and forgotten: they may be about people.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Succeeded, lost
from dialog.schema import only_known, violations

LARGEST_RESULT = 64 * 1024
"""Bytes of a tool's result as JSON that are taken."""

TEXT = "text"
"""The field that takes the words of a tool that gives nothing else."""

METHOD_NOT_FOUND, INVALID_PARAMS = -32601, -32602
HEADER_MISMATCH, UNSUPPORTED_VERSION = -32020, -32022
"""JSON-RPC 2.0, section 5.1, and the protocol's own of 2026-07-28: errors of what was refused before a tool ran."""

_REFUSED = {
    INVALID_PARAMS: FailureKind.REJECTED,
    METHOD_NOT_FOUND: FailureKind.UNAVAILABLE,
    HEADER_MISMATCH: FailureKind.UNAVAILABLE,
    UNSUPPORTED_VERSION: FailureKind.UNAVAILABLE,
}


def outcome_of(action: Action, result: Mapping[str, object]) -> Outcome:
    """What the result of a ``tools/call`` means (as it stood on the wire)."""
    said = _said(result)
    if result.get("resultType") == "input_required":
        return lost(action, FailureKind.REJECTED, "the tool asks a person for more, and nobody answers it here")
    if result.get("isError") is True:
        return _error(action, said)
    answer = _answer(result, said)
    if len(orjson.dumps(answer)) > LARGEST_RESULT:
        return lost(action, FailureKind.MALFORMED, f"the result has more than {LARGEST_RESULT} bytes")
    broken = violations(action.result, answer)
    if broken:
        return lost(action, FailureKind.MALFORMED, "the result does not fit its schema: " + "; ".join(broken[:5]))
    known = only_known(action.result, answer)
    assert isinstance(known, dict), "what is known of an object is one"
    return Succeeded(known)


def refusal_of(action: Action, code: int) -> Outcome:
    """What an error of the protocol means, by its JSON-RPC code. Its words may be about people, and are left out."""
    detail = f"the server answered with JSON-RPC error {code}"
    kind = _REFUSED.get(code)
    return lost(action, FailureKind.UNAVAILABLE, detail) if kind is None else Failed(kind, detail)


def _error(action: Action, said: str) -> Outcome:
    heard = said.casefold()
    for kind, words in action.refusals.items():
        if any(word.casefold() in heard for word in words):
            return Failed(kind, f"the tool's error means {kind}")
    return lost(action, FailureKind.REJECTED, "the tool failed, and its words do not say that nothing was done")


def _answer(result: Mapping[str, object], said: str) -> dict[str, object]:
    """The result's data: what is structured, else the one object that the words are, else the words."""
    structured = result.get("structuredContent")
    if isinstance(structured, Mapping):
        return dict(structured)
    try:
        read = orjson.loads(said)
    except orjson.JSONDecodeError:
        read = None
    return read if isinstance(read, dict) else {TEXT: said}


def _said(result: Mapping[str, object]) -> str:
    blocks = result.get("content")
    texts = [block.get("text") for block in blocks if isinstance(block, Mapping)] if isinstance(blocks, list) else []
    return "\n".join(text for text in texts if isinstance(text, str))
