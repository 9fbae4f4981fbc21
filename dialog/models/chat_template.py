"""Messages as the one text that a model was trained on, by the template that came with the model.

Templates are Jinja programs out of a model's folder. They run in a sandbox that changes nothing and reaches nothing.
What callers and documents say is stripped of the model's control tokens first: nobody opens a system message by saying
``<|im_start|>``.

Refuses: guessing a template for a model that has none; telling it the time, which would make every prompt another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dialog.models.generator import Author, GeneratorRefused, Message

_NAMED = ("bos_token", "eos_token", "pad_token", "unk_token")


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """A model's template: its ``source``, its named tokens, and all ``control`` tokens that no text may contain."""

    source: str
    named: Mapping[str, str]
    control: frozenset[str]

    def render(self, messages: Sequence[Message]) -> str:
        """The text that the model goes on from. Models without system messages get theirs with the first of the
        user's. Raises ``GeneratorRefused``."""
        harmless = [replace(message, text=without(message.text, self.control)) for message in messages]
        try:
            return self._render(harmless)
        except TemplateError:
            try:
                return self._render(_without_system(harmless))
            except TemplateError as error:
                raise GeneratorRefused(f"the model's chat template cannot be filled: {error}") from error

    def _render(self, messages: Sequence[Message]) -> str:
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.filters["tojson"] = _to_json
        environment.globals["raise_exception"] = _refuse
        said = [{"role": message.author.value, "content": message.text} for message in messages]
        return environment.from_string(self.source).render(
            messages=said, add_generation_prompt=True, enable_thinking=False, **self.named
        )


def read_template(folder: Path, control: Iterable[str] = ()) -> ChatTemplate:
    """The template in a model's folder: ``chat_template.jinja``, else ``chat_template`` of ``tokenizer_config.json``.

    ``control`` are the tokenizer's special tokens. Raises ``GeneratorRefused`` when there is none.
    """
    settings = _settings(folder)
    file = folder / "chat_template.jinja"
    source = file.read_text(encoding="utf-8") if file.is_file() else _default(settings.get("chat_template"))
    if source is None:
        raise GeneratorRefused(
            f"{folder} holds no chat template; copy chat_template.jinja or tokenizer_config.json of the model there"
        )
    named = {name: token for name in _NAMED if (token := _token(settings.get(name)))}
    return ChatTemplate(source, named, frozenset({*control, *named.values()}))


def without(text: str, control: Iterable[str]) -> str:
    """``text`` without control tokens, also those that appear only once others were taken out."""
    found = [token for token in control if token.strip() and token in text]
    while found:
        for token in found:
            text = text.replace(token, " ")
        found = [token for token in found if token in text]
    return text


def _settings(folder: Path) -> Mapping[str, Any]:
    path = folder / "tokenizer_config.json"
    if not path.is_file():
        return {}
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GeneratorRefused(f"{path} cannot be read: {error}") from error
    return settings if isinstance(settings, dict) else {}


def _default(template: object) -> str | None:
    """One template, or the one named ``default`` of several."""
    if isinstance(template, list):
        named = {entry.get("name"): entry.get("template") for entry in template if isinstance(entry, dict)}
        template = named.get("default")
    return template if isinstance(template, str) else None


def _token(token: object) -> str | None:
    """A named token, written as itself or as a mapping with its ``content``."""
    if isinstance(token, dict):
        token = token.get("content")
    return token if isinstance(token, str) else None


def _without_system(messages: Sequence[Message]) -> list[Message]:
    system = "\n\n".join(message.text for message in messages if message.author is Author.SYSTEM)
    rest = [message for message in messages if message.author is not Author.SYSTEM]
    if not system or not rest:
        return rest
    return [replace(rest[0], text=f"{system}\n\n{rest[0].text}"), *rest[1:]]


def _to_json(value: object, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=options.get("indent"))


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)
