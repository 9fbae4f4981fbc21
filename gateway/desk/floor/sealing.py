"""What of an item is about a person, its callback's number, as it lies in tables: sealed. Pure.

Refuses: everything else of the floor, which tells of work and names nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Change = Callable[[str], str]
"""Seals a word, or opens it again."""


def with_number(item: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """An item, or what happened to one, as plain data, with its callback's number changed; as it is if it has none."""
    callback = item.get("callback")
    if callback is None:
        return dict(item)
    return {**item, "callback": {**callback, "number": change(callback["number"])}}
