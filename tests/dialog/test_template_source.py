"""Reading texts: all mistakes at once."""

from __future__ import annotations

from pathlib import Path

from dialog.actions.action import Action, Risk, Service
from dialog.flows.plan import AskFor, Flow, PlanStep
from dialog.flows.slot import Slot, SlotKind
from dialog.template_source import read_templates
from dialog.understanding.intent import Does, Intent
from dialog.yaml_source import YamlFile, read_yaml

FLOW = Flow("f", (Slot("gift", SlotKind.YES_NO),), (PlanStep(AskFor("gift")),))
SAID = ("f.wish", "f.cancelled", "f.wait", "f.gift.name", "f.gift.ask", "f.gift.ask_again")


def file(tmp_path: Path, name: str, **texts: str) -> YamlFile:
    path = tmp_path / name
    lines = [f'  {key.replace("__", ".")}: "{text}"' for key, text in texts.items()]
    path.write_text("\n".join(["language: en", "texts:", *lines]), encoding="utf-8")
    return read_yaml(path)


def problems(tmp_path: Path, **texts: str) -> list[str]:
    base = file(tmp_path, "phrases.en.yaml", hello="Hello {name}", bye="Bye")
    given = {key.replace(".", "__"): "x" for key in SAID} | texts
    small = Intent("thanks", Does.SMALL_TALK, ())
    _, found = read_templates(file(tmp_path, "templates.en.yaml", **given), base, "en", {"f": FLOW}, {}, [small])
    return [str(problem) for problem in found]


def test_a_tenants_texts_replace_ours(tmp_path: Path) -> None:
    base = file(tmp_path, "phrases.en.yaml", hello="Hello {name}", bye="Bye")
    texts, found = read_templates(file(tmp_path, "templates.en.yaml", bye="So long"), base, "en", {}, {}, [])
    assert found == ()
    assert texts.render("bye") == "So long"
    assert texts.render("hello", name="Kim") == "Hello Kim"


def test_a_message_needs_its_words(tmp_path: Path) -> None:
    post = Service("mails", "smtp://mail.example")
    schema = {"type": "object", "properties": {"to": {"type": "string"}}}
    hello = Action("tell", post, "", "hello", Risk.REVERSIBLE, 1.0, schema, {})
    said = {
        "mail__sender": "us@shop.example",
        "mail__hello__subject": "Hello {to}",
        "mail__hello__body": "{code} {name}",
    }
    base = file(tmp_path, "phrases.en.yaml", hello="Hello")
    _, found = read_templates(file(tmp_path, "templates.en.yaml", **said), base, "en", {}, {"tell": hello}, [])
    assert [str(problem).partition(": ")[2] for problem in found] == [
        "texts.mail.hello.body: nothing fills {name} here; known are code, to"
    ]
    _, found = read_templates(file(tmp_path, "templates.en.yaml", bye="x"), base, "en", {}, {"tell": hello}, [])
    assert "lacks the text 'mail.hello.subject', which a message says" in " ".join(map(str, found))


def test_every_mistake_is_found(tmp_path: Path) -> None:
    found = problems(tmp_path, hello="Hello {caller}", bye="Bye {", f__wihs="x", f__gift__ask="{gift:dote}")
    for complaint in (
        "texts.hello: nothing fills {caller} here; known are name",
        "texts.bye: braces do not match",
        "texts.f.wihs: flow f says no such text",
        "texts.f.gift.ask: {gift:dote}: there is no format 'dote'",
        "lacks the text 'small_talk.thanks'",
    ):
        assert any(complaint in problem for problem in found), found


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    base = file(tmp_path, "phrases.en.yaml", bye="Bye")
    _, found = read_templates(file(tmp_path, "templates.en.yaml", bye="x"), base, "en", {"f": FLOW}, {}, [])
    assert {str(problem).split("'")[1] for problem in found} == set(SAID)
