"""A release: everything that decides how a tenant's conversations go, loaded once, checked, and never changed.

It is named by the digest of its sources, so that the record of a call can say exactly what answered. A conversation
keeps the release that it began with. Refuses to load what would fail in the middle of a call: a missing text, a
place that nothing fills, a flow without its action.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from dialog.action import Action
from dialog.action_source import read_actions
from dialog.errors import TenantDialogInvalid
from dialog.flow import Flow, Slot, SlotKind
from dialog.heads import EmbeddedUnderstander, Head
from dialog.intent import Does, Intent
from dialog.reply import Expectation
from dialog.templates import FORMATS, Templates, places
from dialog.tenant import DialogPolicy, TenantFacts, read_tenant
from dialog.understander import Understander
from dialog.yaml_source import Shape, YamlFile, read_yaml

LEAST_EXAMPLES = 3
"""Utterances that an intent needs: fewer teach a head nothing."""

PHRASES = Path(__file__).parent
"""Where the texts lie that every tenant starts with (``phrases.ko.yaml``); a tenant's templates replace them singly."""


@dataclass(frozen=True, slots=True)
class Release:
    """One immutable configuration of a tenant's dialog. ``id`` is the SHA-256 of its sources."""

    id: str
    tenant: TenantFacts
    policy: DialogPolicy
    intents: Mapping[str, Mapping[str, Intent]]
    templates: Mapping[str, Templates]
    flows: Mapping[str, Flow]
    actions: Mapping[str, Action]
    understander: Understander

    def texts(self, code: str) -> Templates:
        """The templates of a language, or of the tenant's first one where it does not speak that."""
        return self.templates.get(code) or self.templates[self.tenant.languages[0]]


class _IntentShape(Shape):
    does: Does
    flow: str | None = None
    expects: Expectation = Expectation.SPEAKING
    examples: tuple[str, ...] = Field(min_length=LEAST_EXAMPLES)


class _IntentsShape(Shape):
    language: str
    intents: dict[str, _IntentShape] = Field(min_length=3)


class _TemplatesShape(Shape):
    language: str
    texts: dict[str, str | tuple[str, ...]]


class _SlotShape(Shape):
    name: str = Field(pattern="^[a-z][a-z0-9_]*$")
    kind: SlotKind
    length: int = Field(ge=3, le=20)
    confirm_below: float = Field(default=0.8, ge=0, le=1)
    secret: bool = False


class _FlowShape(Shape):
    action: str
    told_by: str
    slots: tuple[_SlotShape, ...] = Field(min_length=1)


def load_release(folder: Path) -> Release:
    """Load and check a tenant's folder; trains its heads (well under two seconds).

    Raises ``TenantDialogInvalid`` that names the file, the line and the key, and says what to do.
    """
    files = [read_yaml(folder / "tenant.yaml")]
    facts, policy = read_tenant(files[0])
    actions = _read_actions(folder, files)
    flows = _read_flows(folder, actions, files)
    intents = {code: _read_intents(folder, code, flows, files) for code in facts.languages}
    templates = {code: _read_templates(folder, code, flows, actions, files) for code in facts.languages}
    _check_small_talk(folder, intents, templates)
    heads = {code: Head.train(tuple(of_language.values())) for code, of_language in intents.items()}
    return Release(
        id=_digest(files, folder),
        tenant=facts,
        policy=policy,
        intents=intents,
        templates=templates,
        flows=flows,
        actions=actions,
        understander=EmbeddedUnderstander(heads, tuple(flows.values()), policy.hand_over_key),
    )


def _digest(files: list[YamlFile], folder: Path) -> str:
    """The digest of all sources with their names, in an order that does not depend on the machine."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.path.name):
        name = file.path.relative_to(folder).as_posix() if file.path.is_relative_to(folder) else file.path.name
        digest.update(f"{name}\0{len(file.source)}\0".encode())
        digest.update(file.source)
    return digest.hexdigest()


def _read_actions(folder: Path, files: list[YamlFile]) -> dict[str, Action]:
    path = folder / "actions.yaml"
    if not path.is_file():
        return {}
    file = read_yaml(path)
    files.append(file)
    return read_actions(file)


def _read_flows(folder: Path, actions: Mapping[str, Action], files: list[YamlFile]) -> dict[str, Flow]:
    flows = {}
    for path in sorted((folder / "flows").glob("*.yaml")):
        file = read_yaml(path)
        files.append(file)
        shape = file.shaped(_FlowShape)
        action = actions.get(shape.action)
        if action is None:
            raise file.complaint(("action",), f"there is no action {shape.action!r} in actions.yaml")
        slots = {slot.name for slot in shape.slots}
        if slots != _properties(action.arguments):
            wanted = ", ".join(sorted(_properties(action.arguments)))
            raise file.complaint(("slots",), f"must be exactly the arguments of {action.id}: {wanted}")
        if not _cases(action, shape.told_by):
            raise file.complaint(("told_by",), f"{shape.told_by!r} is no result of {action.id} with an enum")
        made = tuple(Slot(slot.name, slot.kind, slot.length, slot.confirm_below, slot.secret) for slot in shape.slots)
        flows[path.stem] = Flow(path.stem, made, shape.action, shape.told_by)
    return flows


def _read_intents(folder: Path, code: str, flows: Mapping[str, Flow], files: list[YamlFile]) -> dict[str, Intent]:
    file = read_yaml(folder / f"intents.{code}.yaml")
    files.append(file)
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


def _read_templates(
    folder: Path, code: str, flows: Mapping[str, Flow], actions: Mapping[str, Action], files: list[YamlFile]
) -> Templates:
    file = read_yaml(folder / f"templates.{code}.yaml")
    base = read_yaml(PHRASES / f"phrases.{code}.yaml")
    files += [file, base]
    shape, ours = file.shaped(_TemplatesShape), base.shaped(_TemplatesShape)
    if shape.language != code:
        raise file.complaint(("language",), f"is {shape.language!r} in a file for {code!r}")
    for key, text in shape.texts.items():
        _check_places(file, key, _variants(text), _variants(ours.texts[key]) if key in ours.texts else None)
    texts = {key: _variants(text) for key, text in {**ours.texts, **shape.texts}.items()}
    for flow in flows.values():
        for key, known in _flow_texts(flow, actions[flow.action]).items():
            if key not in texts:
                raise file.complaint(("texts",), f"lacks the text {key!r}, which flow {flow.id} says")
            for place in _places_of(texts[key]) - known:
                raise file.complaint(("texts", key), f"nothing fills {{{place}}}; known are {', '.join(sorted(known))}")
    return Templates(code, texts)


def _check_places(file: YamlFile, key: str, variants: tuple[str, ...], standard: tuple[str, ...] | None) -> None:
    for variant in variants:
        try:
            used = places(variant)
        except ValueError as error:
            raise file.complaint(("texts", key), f"braces do not match: {error}") from error
        for name, form in used:
            if form not in FORMATS:
                raise file.complaint(("texts", key), f"{{{name}:{form}}}: there is no format {form!r}")
    if standard is not None:
        for name in _places_of(variants) - _places_of(standard):
            raise file.complaint(("texts", key), f"nothing fills {{{name}}} here")


def _flow_texts(flow: Flow, action: Action) -> dict[str, set[str]]:
    """The texts that a flow says, each with the places that are filled."""
    values = {slot.name for slot in flow.slots}
    results = _properties(action.result)
    wanted: dict[str, set[str]] = {f"{flow.id}.wish": set(), f"{flow.id}.cancelled": set(), f"{flow.id}.wait": set()}
    for slot in flow.slots:
        for moment in ("name", "ask", "ask_again"):
            wanted[f"{flow.id}.{slot.name}.{moment}"] = set()
        for moment in ("rest", "read_back", "not_found"):
            wanted[f"{flow.id}.{slot.name}.{moment}"] = {slot.name}
    for case in _cases(action, flow.told_by):
        wanted[f"{flow.id}.told.{case}"] = values | results
    return wanted


def _check_small_talk(
    folder: Path, intents: Mapping[str, Mapping[str, Intent]], templates: Mapping[str, Templates]
) -> None:
    for code, of_language in intents.items():
        for intent in of_language.values():
            key = f"small_talk.{intent.id}"
            if intent.does is Does.SMALL_TALK and not templates[code].has(key):
                raise TenantDialogInvalid(
                    f"{folder / f'templates.{code}.yaml'}: lacks the text {key!r} for that intent"
                )


def _properties(schema: Mapping[str, object]) -> set[str]:
    properties = schema.get("properties", {})
    return set(properties) if isinstance(properties, Mapping) else set()


def _cases(action: Action, field: str) -> tuple[str, ...]:
    """The values that a result field can have, by its enum."""
    properties = action.result.get("properties", {})
    part = properties.get(field, {}) if isinstance(properties, Mapping) else {}
    allowed = part.get("enum", ()) if isinstance(part, Mapping) else ()
    return tuple(map(str, allowed))


def _variants(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _places_of(variants: tuple[str, ...]) -> set[str]:
    return {name for variant in variants for name, _ in places(variant)}
