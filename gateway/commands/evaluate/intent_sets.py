"""Labelled utterances for intent heads, from the formats that open sets come in, or from our own YAML.

Refuses: training on what is tested with; a set whose two parts share an utterance is not believed.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from dialog.errors import TenantDialogInvalid
from dialog.understanding.intent import Does
from dialog.yaml_source import Shape, read_yaml
from gateway.commands.evaluate.errors import DataAbsent, SuiteInvalid
from gateway.commands.evaluate.suite import data_file


class Format(StrEnum):
    """How a set is written."""

    TABLE = "table"
    """CSV with the columns ``text`` and ``category`` (Banking77)."""
    PARTS = "parts"
    """JSON with pairs of text and intent, in parts ``train``, ``test``, ``oos_train``, ``oos_test`` (CLINC150)."""
    TENANT = "tenant"
    """YAML as a tenant's ``intents.*.yaml`` to train on, and ``utterances`` with ``off_topic`` to test with."""


class IntentSet(Shape):
    """What a suite says of a set. Files in the format ``tenant`` lie beside the suite, others in the data folder.

    ``shots`` is how many examples of an intent are trained on (none: all).
    """

    format: Format
    train: str
    test: str
    shots: int | None = Field(default=None, ge=1)


@dataclass(frozen=True, slots=True)
class Utterances:
    """What is trained on and what is tested with. Off-topic texts may be missing on either side."""

    train: Mapping[str, tuple[str, ...]]
    off_topic_train: tuple[str, ...]
    test: tuple[tuple[str, str], ...]
    off_topic_test: tuple[str, ...]


def read_utterances(chosen: IntentSet, data: Path, beside: Path) -> Utterances:
    """Read a set. Raises ``DataAbsent`` when a file is missing or in another format."""
    folder = beside if chosen.format is Format.TENANT else data
    train, test = data_file(folder, chosen.train), data_file(folder, chosen.test)
    try:
        match chosen.format:
            case Format.TABLE:
                found = Utterances(_grouped(_rows(train)), (), tuple(_rows(test)), ())
            case Format.PARTS:
                found = _parts(train, test)
            case Format.TENANT:
                found = _tenant(train, test)
    except (ValueError, KeyError, TypeError, TenantDialogInvalid) as error:
        raise DataAbsent(f"{train} or {test} is not in the format {chosen.format}: {error}") from error
    shared = {text for texts in found.train.values() for text in texts} & {text for text, _ in found.test}
    if chosen.format is Format.TENANT and shared:
        raise SuiteInvalid(f"{test} repeats what is trained on: {sorted(shared)[0]!r}; write that anew")
    return _fewer(found, chosen.shots)


def _fewer(found: Utterances, shots: int | None) -> Utterances:
    if shots is None:
        return found
    return Utterances(
        {intent: _spread(texts, shots) for intent, texts in found.train.items()},
        _spread(found.off_topic_train, shots * 10),
        found.test,
        found.off_topic_test,
    )


def _spread(texts: Sequence[str], most: int) -> tuple[str, ...]:
    if len(texts) <= most:
        return tuple(texts)
    return tuple(texts[index * len(texts) // most] for index in range(most))


def _rows(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def _parts(train: Path, test: Path) -> Utterances:
    trained, tested = (json.loads(path.read_text(encoding="utf-8")) for path in (train, test))
    return Utterances(
        _grouped([(text, intent) for text, intent in trained["train"]]),
        tuple(text for text, _ in trained.get("oos_train", ())),
        tuple((text, intent) for text, intent in tested["test"]),
        tuple(text for text, _ in tested.get("oos_test", ())),
    )


def _tenant(train: Path, test: Path) -> Utterances:
    intents, tested = read_yaml(train).content["intents"], read_yaml(test).content
    outside = {name for name, intent in intents.items() if intent["does"] == Does.OFF_TOPIC}
    return Utterances(
        {name: tuple(intent["examples"]) for name, intent in intents.items() if name not in outside},
        tuple(text for name in sorted(outside) for text in intents[name]["examples"]),
        tuple((text, name) for name, texts in tested["utterances"].items() if name not in outside for text in texts),
        tuple(tested.get("off_topic", ())),
    )


def _grouped(rows: Sequence[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for text, intent in rows:
        grouped[intent].append(text)
    return {intent: tuple(texts) for intent, texts in sorted(grouped.items())}
