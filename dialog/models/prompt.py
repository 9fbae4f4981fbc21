"""What a language model is told. Pure, but for reading the files that hold the words.

The instructions are versioned data, one file per language, and come first in every prompt, the same for all calls of a
release. Whatever callers, documents and back ends say goes in as strings inside JSON, after them; what is personal in
callers' words, and long numbers of any kind, are left out.

Refuses: instructions in code, and text of others among the instructions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

import yaml

from dialog.answers.grounding import Backing
from dialog.errors import LanguageNotSpoken, TenantDialogInvalid
from dialog.models.generator import Author, Message
from dialog.privacy.confided import Confided
from dialog.privacy.detector import redact
from dialog.turn import CallerTurn, Speaker, Utterance
from dialog.understanding.understander import Listening
from infra.telemetry.redaction import redact_text

NOTHING = "NONE"
"""What a model writes instead of an answer when the evidence has none."""
_REMEMBERED = 6
"""Utterances before the turn that a model is told."""
_TEXTS = ("understand", "choose", "compose", "nothing_meant")


@dataclass(frozen=True, slots=True)
class Prompts:
    """The instructions of one language; ``digest`` names these very words."""

    language: str
    version: int
    understand: str
    choose: str
    compose: str
    nothing_meant: str
    commands: Mapping[str, str]
    digest: str


@dataclass(frozen=True, slots=True)
class Menu:
    """What a tenant's callers can have: flows by id, each with what it does in the caller's language."""

    flows: Mapping[str, str]


@cache
def prompts(code: str) -> Prompts:
    """The instructions in the language ``code``. Raises ``LanguageNotSpoken`` where there are none."""
    path = Path(__file__).parent / f"prompts.{code}.yaml"
    if not code.isalpha() or not path.is_file():
        raise LanguageNotSpoken(f"there are no prompts in {code!r}; add a file prompts.{code}.yaml")
    return parse_prompts(path.read_text(encoding="utf-8"), path.name)


def parse_prompts(text: str, name: str) -> Prompts:
    """The instructions in a file. Raises ``TenantDialogInvalid`` that names what is missing."""
    content = yaml.safe_load(text)
    if not isinstance(content, Mapping):
        raise TenantDialogInvalid(f"{name} is not a mapping")
    for key in ("language", "version", "commands", *_TEXTS):
        if not content.get(key):
            raise TenantDialogInvalid(f"{name} lacks {key!r}")
    commands = content["commands"]
    if not isinstance(commands, Mapping) or not isinstance(content["version"], int):
        raise TenantDialogInvalid(f"{name}: commands is a mapping and version a whole number")
    digest = hashlib.sha256(text.encode()).hexdigest()
    texts = {key: str(content[key]).strip() for key in _TEXTS}
    named = {str(command): str(meaning) for command, meaning in commands.items()}
    return Prompts(
        language=str(content["language"]), version=content["version"], commands=named, digest=digest, **texts
    )


def understanding(
    words: Prompts, menu: Menu, turn: CallerTurn, listening: Listening, history: Sequence[Utterance] = ()
) -> tuple[Message, ...]:
    """Ask for the commands that a turn means."""
    instructions = Template(words.understand).substitute(
        commands=_listed(words.commands), flows=_listed(menu.flows) or words.nothing_meant
    )
    return _asked(instructions, _situation(turn, listening, history))


def choosing(
    words: Prompts,
    options: Mapping[str, str],
    turn: CallerTurn,
    listening: Listening,
    history: Sequence[Utterance] = (),
) -> tuple[Message, ...]:
    """Ask which of the labelled ``options`` a turn means."""
    instructions = Template(words.choose).substitute(options=_listed(options))
    return _asked(instructions, _situation(turn, listening, history))


def composing(words: Prompts, question: str, evidence: Sequence[Backing]) -> tuple[Message, ...]:
    """Ask for an answer from numbered evidence."""
    data = {
        "evidence": [{"number": backing.number, "about": backing.around, "text": backing.text} for backing in evidence],
        "question": _told(question, words.language),
    }
    return _asked(Template(words.compose).substitute(nothing=NOTHING), data)


def _asked(instructions: str, data: Mapping[str, object]) -> tuple[Message, ...]:
    return (
        Message(Author.SYSTEM, instructions),
        Message(Author.USER, json.dumps(data, ensure_ascii=False, separators=(",", ": "))),
    )


def _situation(turn: CallerTurn, listening: Listening, history: Sequence[Utterance]) -> dict[str, object]:
    slots = [slot.name for slot in listening.slots if not slot.secret]
    before, said = _told_in_order(turn, history)
    return {
        "before": before[-_REMEMBERED:],
        "under_way": listening.flow,
        "asked_for": None if listening.slot is None else listening.slot.name,
        "slots": slots,
        "caller_said": said,
    }


def _told_in_order(turn: CallerTurn, history: Sequence[Utterance]) -> tuple[list[dict[str, str]], str]:
    """What a model may be told of the conversation, and of the turn. What is personal is known by what was asked and
    said before: a name alone is one if it answers the question who calls."""
    confided = Confided(turn.language)
    before: list[dict[str, str]] = []
    for utterance in history:
        if utterance.speaker is Speaker.CALLER:
            said = confided.take(utterance.text).text
        else:
            said = confided.hide(utterance.text)
            confided.ask(utterance.text)
        before.append({"speaker": utterance.speaker.value, "said": redact_text(said)})
    return before, redact_text(confided.take(turn.text).text)


def _told(said: str, language: str) -> str:
    """What a model may be told of words: nothing personal, and no other long number either."""
    return redact_text(redact(said, language))


def _listed(named: Mapping[str, str]) -> str:
    return "\n".join(f"- {name}: {meaning}" for name, meaning in named.items())
