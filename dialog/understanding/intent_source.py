"""Reads a tenant's ``intents.<language>.yaml``: what callers want, by examples, and what each wish leads to."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from dialog.flows.plan import Flow
from dialog.reply import Expectation
from dialog.understanding.intent import Does, Intent
from dialog.yaml_source import Shape, YamlFile

LEAST_EXAMPLES = 3
"""Utterances that an intent needs: fewer teach a head nothing."""


class _IntentShape(Shape):
    does: Does
    flow: str | None = None
    expects: Expectation = Expectation.SPEAKING
    examples: tuple[str, ...] = Field(min_length=LEAST_EXAMPLES)


class _IntentsShape(Shape):
    language: str
    intents: dict[str, _IntentShape] = Field(min_length=3)


def read_intents(file: YamlFile, code: str, flows: Mapping[str, Flow]) -> dict[str, Intent]:
    """The intents of one language. Raises ``TenantDialogInvalid`` that names file, line and key."""
    shape = file.shaped(_IntentsShape)
    if shape.language != code:
        raise file.complaint(("language",), f"is {shape.language!r} in a file for {code!r}")
    read = {}
    for name, part in shape.intents.items():
        starts = part.does is Does.START_FLOW
        if starts != (part.flow is not None):
            raise file.complaint(("intents", name), "names a flow exactly if it does start_flow")
        if part.flow is not None and part.flow not in flows:
            raise file.complaint(("intents", name, "flow"), f"there is no flows/{part.flow}.yaml")
        read[name] = Intent(name, part.does, part.examples, part.flow, part.expects)
    if sum(intent.does is not Does.OFF_TOPIC for intent in read.values()) < 2:
        raise file.complaint(("intents",), "needs at least two intents that are not off_topic")
    return read
