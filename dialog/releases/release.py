"""A release: everything that decides how a tenant's conversations go, loaded once, checked, and never changed.

It is named by the digest of its sources, so that the record of a call can say exactly what answered. A conversation
keeps the release that it began with. Refuses to load what would fail in the middle of a call: a missing text, a
place that nothing fills, a flow without its action.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dialog.actions.action import Action
from dialog.actions.source import read_actions
from dialog.answers.calibration import CALIBRATION, read_calibration
from dialog.answers.confidence import UNCALIBRATED, Calibration
from dialog.errors import TenantDialogInvalid
from dialog.flows.plan import Flow
from dialog.flows.source import read_flow
from dialog.template_source import read_templates
from dialog.templates import Templates
from dialog.tenant import DialogPolicy, TenantFacts, read_tenant
from dialog.understanding.heads import EmbeddedUnderstander, Head
from dialog.understanding.intent import Intent
from dialog.understanding.intent_source import read_intents
from dialog.understanding.understander import Understander
from dialog.yaml_source import YamlFile, read_yaml

PHRASES = Path(__file__).parents[1]
"""Where the texts lie that every tenant starts with (``phrases.ko.yaml``); a tenant's templates replace them singly."""


@dataclass(frozen=True, slots=True)
class Release:
    """One immutable configuration of a tenant's dialog. ``id`` is the SHA-256 of its sources."""

    id: str
    tenant: TenantFacts
    policy: DialogPolicy
    calibration: Calibration
    intents: Mapping[str, Mapping[str, Intent]]
    templates: Mapping[str, Templates]
    flows: Mapping[str, Flow]
    actions: Mapping[str, Action]
    understander: Understander

    def texts(self, code: str) -> Templates:
        """The templates of a language, or of the tenant's first one where it does not speak that."""
        return self.templates.get(code) or self.templates[self.tenant.languages[0]]

    def name(self, code: str) -> str:
        """What the tenant calls itself in a language, or in its first one where it has no name in that."""
        names = self.tenant.name
        return names.get(code) or next(iter(names.values()), self.tenant.id)

    def disclosures(self, key: str) -> dict[str, str]:
        """The sentence of that key, which says who speaks, by language."""
        return {code: texts.render(key, name=self.name(code)) for code, texts in self.templates.items()}


def load_release(folder: Path) -> Release:
    """Load and check a tenant's folder; trains its heads (well under two seconds).

    Raises ``TenantDialogInvalid`` that names the file, the line and the key, and says what to do.
    """
    source = read_source(folder)
    if source.problems:
        raise source.problems[0]
    heads = {code: Head.train(tuple(of_language.values())) for code, of_language in source.intents.items()}
    return Release(
        id=_digest(source.files, folder),
        tenant=source.facts,
        policy=source.policy,
        calibration=source.calibration,
        intents=source.intents,
        templates=source.templates,
        flows=source.flows,
        actions=source.actions,
        understander=EmbeddedUnderstander(heads, tuple(source.flows.values()), source.policy.hand_over_key),
    )


@dataclass(frozen=True, slots=True)
class Source:
    """A tenant's folder as it was read: what it says, the files that say it, and what is wrong with them."""

    facts: TenantFacts
    policy: DialogPolicy
    calibration: Calibration
    intents: Mapping[str, Mapping[str, Intent]]
    templates: Mapping[str, Templates]
    flows: Mapping[str, Flow]
    actions: Mapping[str, Action]
    files: tuple[YamlFile, ...]
    problems: tuple[TenantDialogInvalid, ...]


def read_source(folder: Path) -> Source:
    """Read a tenant's folder without training anything, and find what is wrong with its flows and texts.

    Raises ``TenantDialogInvalid`` for what leaves nothing to go on with: a file that is missing or is no YAML.
    """
    files = [read_yaml(folder / "tenant.yaml")]
    facts, policy = read_tenant(files[0])
    calibration = UNCALIBRATED
    if (folder / CALIBRATION).is_file():
        files.append(read_yaml(folder / CALIBRATION))
        calibration = read_calibration(files[-1])
        policy = _calibrated(policy, calibration)
    actions: Mapping[str, Action] = {}
    if (folder / "actions.yaml").is_file():
        files.append(read_yaml(folder / "actions.yaml"))
        actions = read_actions(files[-1])
    flows, problems = _read_flows(folder, actions, files)
    intents, templates = {}, {}
    for code in facts.languages:
        file = read_yaml(folder / f"intents.{code}.yaml")
        texts, base = read_yaml(folder / f"templates.{code}.yaml"), read_yaml(PHRASES / f"phrases.{code}.yaml")
        files += [file, texts, base]
        if problems:
            continue  # what is missing may only be missing because a flow could not be read
        intents[code] = read_intents(file, code, flows)
        templates[code], found = read_templates(texts, base, code, flows, actions, intents[code].values())
        problems += found
    return Source(facts, policy, calibration, intents, templates, flows, actions, tuple(files), tuple(problems))


def _calibrated(policy: DialogPolicy, calibration: Calibration) -> DialogPolicy:
    """The policy with the limits that a tenant's own turns have taught; what they cannot teach stays as it was set."""
    learnt = calibration.thresholds
    if learnt is None:
        return policy
    limits = replace(policy.thresholds, clarify=learnt.clarify, answer=learnt.answer, sure=learnt.sure)
    return replace(policy, thresholds=limits)


def _read_flows(
    folder: Path, actions: Mapping[str, Action], files: list[YamlFile]
) -> tuple[dict[str, Flow], list[TenantDialogInvalid]]:
    flows: dict[str, Flow] = {}
    problems: list[TenantDialogInvalid] = []
    for path in sorted((folder / "flows").glob("*.yaml")):
        files.append(read_yaml(path))
        flow, found = read_flow(files[-1], actions)
        problems += found
        if flow is not None:
            flows[path.stem] = flow
    return flows, problems


def _digest(files: Sequence[YamlFile], folder: Path) -> str:
    """The digest of all sources with their names, in an order that does not depend on the machine."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.path.name):
        name = file.path.relative_to(folder).as_posix() if file.path.is_relative_to(folder) else file.path.name
        digest.update(f"{name}\0{len(file.source)}\0".encode())
        digest.update(file.source)
    return digest.hexdigest()
