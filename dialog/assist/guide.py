"""What a tenant gives its agents along: the lines that calls require, and how cases can end. Read from ``desk.yaml``.

    script:
      - id: recording
        text: {ko: 이 통화는 녹음됩니다., en: This call is recorded.}
        accepted: {ko: [통화 내용이 녹음됩니다], en: [we record this call]}
        queues: [billing]        # left out: of every queue
        lines: [hanbit-ko]       # left out: on every telephone line
    dispositions:
      - id: resolved
        name: {ko: 해결됨, en: Resolved}
        after: [answered, action_done]
        about: [refund]
    vouch: knowledge             # how surely a caller counts as known for whom an agent vouches

A tenant without the file requires nothing to be said, and ends cases in the ways that every tenant starts with.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dialog.actions.rules import Identity
from dialog.assist.compliance import ScriptLine
from dialog.assist.disposition import EVERYWHERE, Disposition
from dialog.escalation import Tried
from dialog.releases.release import Release
from dialog.yaml_source import Place, Shape, YamlFile, read_yaml

FILE = "desk.yaml"


class _LineShape(Shape):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    text: dict[str, str]
    accepted: dict[str, tuple[str, ...]] = Field(default={})
    queues: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


class _DispositionShape(Shape):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    name: dict[str, str]
    after: tuple[Tried, ...] = ()
    about: tuple[str, ...] = ()


class _GuideShape(Shape):
    script: tuple[_LineShape, ...] = ()
    dispositions: tuple[_DispositionShape, ...] = ()
    vouch: Literal["none", "claimed", "knowledge", "code"] = "none"


@dataclass(frozen=True, slots=True)
class Guide:
    """The ``script`` of a tenant, its ``dispositions`` in the order in which they are offered, and how surely a caller
    counts as known for whom an agent vouches (``NONE``: agents may not)."""

    script: tuple[ScriptLine, ...] = ()
    dispositions: tuple[Disposition, ...] = EVERYWHERE
    vouching: Identity = Identity.NONE


class _LinesShape(BaseModel):
    """Of ``tenant.yaml`` what a script may name; the rest belongs to others."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    lines: tuple[dict[str, str], ...] = ()


def read_guide(folder: Path, release: Release) -> Guide:
    """What the tenant in ``folder`` gives its agents. Raises ``TenantDialogInvalid`` that names file, line and key."""
    path = folder / FILE
    if not path.is_file():
        return Guide()
    file = read_yaml(path)
    shape = file.shaped(_GuideShape)
    _check_script(file, shape.script, folder, release)
    _check_dispositions(file, shape.dispositions, release)
    script = tuple(
        ScriptLine(line.id, line.text, line.accepted, frozenset(line.queues), frozenset(line.lines))
        for line in shape.script
    )
    dispositions = tuple(
        Disposition(one.id, one.name, frozenset(one.after), frozenset(one.about)) for one in shape.dispositions
    )
    return Guide(script, dispositions or EVERYWHERE, Identity[shape.vouch.upper()])


def _check_script(file: YamlFile, script: Sequence[_LineShape], folder: Path, release: Release) -> None:
    """A line that is required nowhere, because of a slip of the pen, would be missed by nobody."""
    queues = {release.policy.default_queue, *release.policy.skills_of}
    lines = {line.get("alias", "") for line in read_yaml(folder / "tenant.yaml").shaped(_LinesShape).lines}
    for index, line in enumerate(script):
        _check_once(file, ("script", index), [one.id for one in script[: index + 1]])
        _check_words(file, ("script", index, "text"), line.text, release.tenant.languages)
        _check_known(file, ("script", index, "queues"), line.queues, queues)
        _check_known(file, ("script", index, "lines"), line.lines, lines)


def _check_dispositions(file: YamlFile, dispositions: Sequence[_DispositionShape], release: Release) -> None:
    about = {*release.flows, *(intent for intents in release.intents.values() for intent in intents)}
    for index, one in enumerate(dispositions):
        _check_once(file, ("dispositions", index), [other.id for other in dispositions[: index + 1]])
        _check_words(file, ("dispositions", index, "name"), one.name, release.tenant.languages)
        _check_known(file, ("dispositions", index, "about"), one.about, about)


def _check_once(file: YamlFile, place: Place, ids: Sequence[str]) -> None:
    if ids[-1] in ids[:-1]:
        raise file.complaint((*place, "id"), f"{ids[-1]!r} stands here for the second time")


def _check_words(file: YamlFile, place: Place, words: Collection[str], languages: Sequence[str]) -> None:
    missing = [code for code in languages if code not in words]
    if missing:
        raise file.complaint(place, f"has no words for {', '.join(missing)}")
    _check_known(file, place, words, set(languages))


def _check_known(file: YamlFile, place: Place, named: Collection[str], known: Collection[str]) -> None:
    for one in named:
        if one not in known:
            raise file.complaint(place, f"there is no {one!r}; there are {', '.join(sorted(known))}")
