"""What a scenario is: one whole call as a content person writes it down, and what must come of it.

A file is checked before anything is called; a mistake is told with the line it stands in. The README beside this
module says what each key means to whoever writes one.

Refuses: running a call, and any opinion on what the product should answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from gateway.telephony.trunk import Failure

HERE = Path(__file__).parent
SCENARIOS = HERE / "scenarios"
SEOUL = ZoneInfo("Asia/Seoul")


class ScenarioInvalid(Exception):
    """A scenario cannot be played; the message names the file, the line and the key."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Matcher(_Part):
    """An event of this kind whose payload has these fields (see ``matching``)."""

    kind: str = Field(pattern=r"^[a-z_]+(\.[a-z_]+)?$")
    fields: dict[str, Any] = {}


class Expected(Matcher):
    """The same, at most ``within`` seconds after the event that was expected before it."""

    within: float | None = Field(default=None, gt=0)


def _matcher(written: object) -> object:
    """``reply.heard`` or ``{reply.heard: {complete: true}, within: 2}`` as the fields of a matcher."""
    if isinstance(written, str):
        return {"kind": written}
    if not isinstance(written, Mapping):
        return written  # pydantic says that it is no matcher
    kinds = [key for key in written if key != "within"]
    if len(kinds) != 1:
        raise ValueError(f"names {len(kinds)} kinds of events; it must be exactly one")
    fields = written[kinds[0]]
    if fields is not None and not isinstance(fields, Mapping):
        raise ValueError(f"{kinds[0]} needs its fields as keys and values")
    return {"kind": kinds[0], "fields": dict(fields or {}), **{key: written[key] for key in written if key == "within"}}


Matching = Annotated[Matcher, BeforeValidator(_matcher)]
Expecting = Annotated[Expected, BeforeValidator(_matcher)]

ACTIONS = ("say", "play", "sound", "press", "pause", "do")


class Step(_Part):
    """One thing that the caller does, and when: at once, ``after`` an event, or some ``seconds`` ``into`` it."""

    say: str | None = Field(default=None, min_length=1)
    heard: str | None = None
    """What the scripted recognizer makes of it, where that is not what was said."""
    confidence: float = Field(default=0.93, ge=0, le=1)
    in_language: Literal["ko", "en"] | None = None
    """The language of these words, where it is not the scenario's; for the scripted recognizer only."""
    voice: str = "slt"
    play: str | None = None
    sound: Literal["cough", "clap", "noise"] | None = None
    louder_db: float = 0.0
    press: str | None = Field(default=None, pattern=r"^[0-9*#A-D]+$")
    pause: float | None = Field(default=None, gt=0, le=60)
    do: Literal["hang_up", "drop", "go_quiet"] | None = None
    after: Matching | None = None
    into: Matching | None = None
    seconds: float = Field(default=0.0, ge=0, le=60)

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        done = [name for name in ACTIONS if getattr(self, name) is not None]
        if len(done) != 1:
            raise ValueError(
                f"a step is exactly one of {', '.join(ACTIONS)}; this one is {' and '.join(done) or 'none'}"
            )
        if self.after is not None and self.into is not None:
            raise ValueError("a step is either after an event or into it")
        return self

    @property
    def when(self) -> Matcher | None:
        """The event that the step waits for; ``seconds`` later it is done."""
        return self.after or self.into


class Background(_Part):
    """Noise under the whole call, at so many dB below the caller's voice."""

    noise: Literal["cafe", "street", "hum", "babble"]
    snr_db: float = Field(ge=-10, le=60)


class Echo(_Part):
    """The far end feeds our own voice back, so much later and ``db`` (a negative number) quieter."""

    delay_ms: int = Field(ge=20, le=1000)
    db: float = Field(le=0)


class Network(_Part):
    """Each packet comes up to ``jitter_ms`` late; once every ``stall_every`` seconds nothing comes for ``stall_ms``."""

    jitter_ms: int = Field(default=0, ge=0, le=500)
    stall_ms: int = Field(default=0, ge=0, le=3000)
    stall_every: float = Field(default=3.0, gt=0)


class BackEnd(_Part):
    """How the order service treats everybody who asks for this order."""

    order: str = Field(pattern=r"^[0-9]{8}$")
    status: int | None = Field(default=None, ge=400, le=599)
    delay: float = Field(default=0.0, ge=0, le=10)
    broken: bool = False


class Outside(_Part):
    """Whoever is called outside: they talk for so many seconds and hang up, or cannot be reached."""

    talks_for: float = Field(default=3.0, gt=0, le=30)
    fails: Failure | None = None


class Scenario(_Part):
    """One call."""

    name: str
    title: str = Field(min_length=1)
    language: Literal["ko", "en"]
    line: str | None = None
    """Alias of the tenant's line that is called; without it the one of that language."""
    now: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=SEOUL)
    """When it is, as far as opening hours go (local time of the shop)."""
    tenant: dict[str, Any] = {}
    """What is different about the tenant in this call, as in tenant.yaml."""
    secret_numbers: bool = False
    """Whether order numbers are secrets of the caller's, that nobody may read anywhere afterwards."""
    back_end: BackEnd | None = None
    outside: Outside | None = None
    background: Background | None = None
    echo: Echo | None = None
    network: Network | None = None
    marks: bool = True
    """Whether the far end confirms what it has played."""
    patience: float = Field(default=25.0, gt=0, le=90)
    """Seconds that a step may wait for its event, and the call for its end."""
    pending: str = ""
    """Why the product does not behave like this yet. The test is then expected to fail, and must."""
    hard_to_hear: bool = False
    """The recognizer hears this caller otherwise from run to run: what must not change stands in ``expect`` and
    ``absent`` alone, and there is no golden log."""
    steps: tuple[Step, ...] = Field(min_length=1)
    expect: tuple[Expecting, ...] = Field(min_length=1)
    absent: tuple[Matching, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.now.tzinfo is None:
            object.__setattr__(self, "now", self.now.replace(tzinfo=SEOUL))
        if self.language == "en" and any(step.heard is not None or step.in_language for step in self.steps):
            raise ValueError("heard and in_language are for the scripted recognizer; English is really recognized")
        return self

    @property
    def path(self) -> Path:
        """Its file."""
        return SCENARIOS / f"{self.name}.yaml"


def all_scenarios() -> list[Scenario]:
    """Every scenario there is, by name. Raises ``ScenarioInvalid``."""
    return [read(path) for path in sorted(SCENARIOS.glob("*/*.yaml"))]


def read(path: Path) -> Scenario:
    """One scenario. Raises ``ScenarioInvalid`` that names the line."""
    text = path.read_text(encoding="utf-8")
    name = f"{path.parent.name}/{path.stem}"
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ScenarioInvalid(f"{name}.yaml is not YAML: {error}") from error
    if not isinstance(content, dict) or node is None:
        raise ScenarioInvalid(f"{name}.yaml:1: a scenario is a mapping of keys and values")
    try:
        return Scenario.model_validate({"name": name, **content})
    except ValidationError as error:
        problems = [
            f"{name}.yaml:{_line(node, problem['loc'])}: {'.'.join(map(str, problem['loc'])) or 'scenario'}: "
            f"{problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors()
        ]
        raise ScenarioInvalid("\n".join(problems)) from error


def _line(node: yaml.Node, loc: tuple[int | str, ...]) -> int:
    """The line in which the deepest part of ``loc`` that the file has begins, counted from 1."""
    line = node.start_mark.line
    for key in loc:
        found = next((mark for name, mark in _children(node) if name == key), None)
        if found is None:
            break
        line, node = found
    return line + 1


def _children(node: yaml.Node) -> Iterator[tuple[int | str, tuple[int, yaml.Node]]]:
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                yield key.value, (key.start_mark.line, value)
        case yaml.SequenceNode():
            for index, value in enumerate(node.value):
                yield index, (value.start_mark.line, value)
