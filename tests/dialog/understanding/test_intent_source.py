"""Reading intents."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialog.errors import TenantDialogInvalid
from dialog.understanding.intent import Does
from dialog.understanding.intent_source import read_intents
from dialog.yaml_source import read_yaml

GOOD = """\
language: en
intents:
  delivery: {does: ask_knowledge, examples: [a, b, c]}
  human: {does: hand_over, examples: [d, e, f]}
  elsewhere: {does: off_topic, examples: [g, h, i]}
"""


def read(tmp_path: Path, text: str) -> dict[str, Does]:
    path = tmp_path / "intents.en.yaml"
    path.write_text(text, encoding="utf-8")
    return {name: intent.does for name, intent in read_intents(read_yaml(path), "en", {}).items()}


def test_intents_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD)["human"] is Does.HAND_OVER


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("[a, b, c]", "[a, b]", "intents.en.yaml:3: intents.delivery.examples"),
        ("does: ask_knowledge", "does: start_flow, flow: refund", "there is no flows/refund.yaml"),
        ("does: hand_over", "does: off_topic", "at least two intents"),
        ("language: en", "language: ko", "is 'ko' in a file for 'en'"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    with pytest.raises(TenantDialogInvalid, match=complaint):
        read(tmp_path, GOOD.replace(before, after))
