"""Reads the texts of one language, ours and the tenant's, and finds every mistake in them.

A text that a flow or small talk says must be there; a place must be one that is filled when it is said; a key that
nothing says is a slip of the pen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dialog.actions.action import Action, Via
from dialog.actions.smtp_actions import CODE, SENDER
from dialog.errors import TenantDialogInvalid
from dialog.flows.plan import Flow
from dialog.flows.source import properties
from dialog.flows.texts import always_known, arguments_read_back, texts_of
from dialog.templates import FORMATS, Templates, places
from dialog.understanding.intent import Does, Intent
from dialog.yaml_source import Shape, YamlFile


class _TemplatesShape(Shape):
    language: str
    texts: dict[str, str | tuple[str, ...]]


def read_templates(
    file: YamlFile,
    base: YamlFile,
    code: str,
    flows: Mapping[str, Flow],
    actions: Mapping[str, Action],
    intents: Iterable[Intent],
) -> tuple[Templates, tuple[TenantDialogInvalid, ...]]:
    """The tenant's texts of ``file`` over those of ``base``, and all that is wrong with them.

    Raises ``TenantDialogInvalid`` where the file is not a file of texts at all.
    """
    shape, ours = file.shaped(_TemplatesShape), base.shaped(_TemplatesShape)
    if shape.language != code:
        raise file.complaint(("language",), f"is {shape.language!r} in a file for {code!r}")
    texts = {key: _variants(text) for key, text in {**ours.texts, **shape.texts}.items()}
    standard = {key: _places_of(_variants(text)) for key, text in ours.texts.items()}
    said = {key: known for flow in flows.values() for key, known in texts_of(flow, actions).items()}
    said |= _of_messages(actions)
    small = {f"small_talk.{intent.id}" for intent in intents if intent.does is Does.SMALL_TALK}
    problems = [problem for key in shape.texts for problem in _of_text(file, key, texts[key], {**standard, **said})]
    for flow in flows.values():
        for key, arguments in arguments_read_back(flow, actions).items():
            problems += _unsaid(file, key, texts.get(key, ()), arguments)
        for key, sure in always_known(flow).items():
            problems += _unsure(file, key, texts.get(key, ()), sure)
    problems += [
        file.complaint(("texts",), f"lacks the text {key!r}, which {_speaker(key, flows)} says")
        for key in said
        if key not in texts
    ]
    problems += [
        file.complaint(("texts",), f"lacks the text {key!r} for that intent") for key in small if key not in texts
    ]
    problems += [
        file.complaint(("texts", key), f"flow {key.partition('.')[0]} says no such text")
        for key in shape.texts
        if key.partition(".")[0] in flows and key not in said
    ]
    return Templates(code, texts), tuple(problems)


def _of_messages(actions: Mapping[str, Action]) -> dict[str, set[str]]:
    """The texts of messages, each with the arguments that it may name, and a code that is made for it."""
    sent = [action for action in actions.values() if not action.steps and action.service.via is Via.MAIL]
    wanted: dict[str, set[str]] = {SENDER: set()} if sent else {}
    for action in sent:
        for part in ("subject", "body"):
            wanted[f"mail.{action.path}.{part}"] = {*properties(action.arguments), CODE}
    return wanted


def _speaker(key: str, flows: Mapping[str, Flow]) -> str:
    first = key.partition(".")[0]
    return f"flow {first}" if first in flows else "a message"


def _of_text(
    file: YamlFile, key: str, variants: tuple[str, ...], known: Mapping[str, set[str]]
) -> Iterator[TenantDialogInvalid]:
    for variant in variants:
        try:
            used = places(variant)
        except ValueError as error:
            yield file.complaint(("texts", key), f"braces do not match: {error}")
            return
        for name, form in used:
            if form not in FORMATS:
                yield file.complaint(("texts", key), f"{{{name}:{form}}}: there is no format {form!r}")
            if key in known and name not in known[key]:
                filled = ", ".join(sorted(known[key])) or "none"
                yield file.complaint(("texts", key), f"nothing fills {{{name}}} here; known are {filled}")


def _unsaid(file: YamlFile, key: str, variants: tuple[str, ...], arguments: set[str]) -> Iterator[TenantDialogInvalid]:
    """Variants of a read-back that leave out part of what would be done."""
    for variant in variants:
        for name in sorted(arguments - {name for name, _ in places(variant)}):
            yield file.complaint(("texts", key), f"does not say {{{name}}}, which the caller agrees to: {variant!r}")


def _unsure(file: YamlFile, key: str, variants: tuple[str, ...], sure: set[str]) -> Iterator[TenantDialogInvalid]:
    """A last variant that may not be fillable when it is needed."""
    for name in sorted({name for name, _ in places(variants[-1])} - sure) if variants else ():
        yield file.complaint(("texts", key), f"needs a last variant without {{{name}}}, which may not be known yet")


def _variants(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _places_of(variants: tuple[str, ...]) -> set[str]:
    return {name for variant in variants for name, _ in places(variant)}
