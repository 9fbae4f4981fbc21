"""Utterances in which what is personal is marked, as ``[kind value]``, one a line. Pure, but for reading the file.

Refuses: a set that marks what is no kind, or that shares an utterance with another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dialog.privacy.kinds import Found, PersonalKind
from dialog.yaml_source import read_yaml
from gateway.commands.evaluate.errors import SuiteInvalid
from gateway.commands.evaluate.suite import data_file

_MARK = re.compile(r"\[(?P<kind>[a-z_]+) (?P<value>[^\[\]]+)\]")


@dataclass(frozen=True, slots=True)
class Marked:
    """An utterance, and what in it is personal, in its order."""

    text: str
    found: tuple[Found, ...]


def read_marked(named: str, beside: Path) -> tuple[str, tuple[Marked, ...]]:
    """The language and the utterances of a file beside the suite. Raises ``DataAbsent``, ``SuiteInvalid``."""
    path = data_file(beside, named)
    content = read_yaml(path).content
    try:
        language, lines = str(content["language"]), str(content["utterances"]).splitlines()
    except KeyError as error:
        raise SuiteInvalid(f"{path} lacks {error}: it needs a language and utterances, one a line") from error
    return language, tuple(marked(line, f"{path}: line {number}") for number, line in enumerate(lines, start=1))


def marked(line: str, where: str) -> Marked:
    """The utterance of a line without its marks. Raises ``SuiteInvalid`` that says ``where`` a mark is none."""
    parts: list[str] = []
    found: list[Found] = []
    length = done = 0
    for mark in _MARK.finditer(line):
        before = line[done : mark.start()]
        start = length + len(before)
        try:
            kind = PersonalKind(mark["kind"])
        except ValueError:
            raise SuiteInvalid(f"{where}: {mark['kind']!r} is no kind of personal data") from None
        length = start + len(mark["value"])
        found.append(Found(start, length, kind))
        parts += [before, mark["value"]]
        done = mark.end()
    text = "".join([*parts, line[done:]])
    if "[" in text or "]" in text:
        raise SuiteInvalid(f"{where}: a bracket that marks nothing; a mark is [kind value]")
    return Marked(text, tuple(found))
