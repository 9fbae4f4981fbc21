"""Releases: the example tenant loads, its name follows its content, and what is wrong is named with file and line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from dialog.answers.calibration import CALIBRATION, written
from dialog.answers.confidence import UNCALIBRATED, Calibration, Thresholds
from dialog.errors import TenantDialogInvalid
from dialog.releases.release import Release, load_release
from dialog.understanding.intent import Does
from tests.dialog.surroundings import TENANT

OURS = ("tenant.yaml", "intents.ko.yaml", "intents.en.yaml", "templates.ko.yaml", "templates.en.yaml", "actions.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in OURS:
        shutil.copy(TENANT / name, tmp_path / name)
    shutil.copytree(TENANT / "flows", tmp_path / "flows")
    return tmp_path


def change(folder: Path, name: str, before: str, after: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def refused(folder: Path) -> str:
    with pytest.raises(TenantDialogInvalid) as caught:
        load_release(folder)
    return str(caught.value)


def test_the_example_tenant_is_whole_in_both_languages(release: Release) -> None:
    assert set(release.templates) == set(release.intents) == {"ko", "en"}
    for code in ("ko", "en"):
        does = {intent.does for intent in release.intents[code].values()}
        assert does == set(Does)
        assert set(release.intents[code]) == set(release.intents["ko"])
    assert set(release.templates["ko"].texts) == set(release.templates["en"].texts)


def test_its_name_follows_its_content_and_nothing_else(release: Release, folder: Path) -> None:
    assert load_release(folder).id == release.id
    change(folder, "templates.ko.yaml", "천천히 말씀해 주세요", "천천히 말씀하세요")
    assert load_release(folder).id != release.id


def test_what_its_turns_have_taught_is_part_of_it(release: Release, folder: Path) -> None:
    assert release.calibration == UNCALIBRATED
    learnt = Calibration(0.25, 1.5, Thresholds(answer=0.61, clarify=0.31, sure=0.81), 120)
    (folder / CALIBRATION).write_text(written(learnt), encoding="utf-8")
    calibrated = load_release(folder)
    assert calibrated.id != release.id
    assert calibrated.calibration == learnt
    limits = calibrated.policy.thresholds
    assert (limits.clarify, limits.answer, limits.sure) == (0.31, 0.61, 0.81)
    assert limits.recognition == release.policy.thresholds.recognition


def test_a_spoilt_calibration_is_named_with_its_line(folder: Path) -> None:
    learnt = Calibration(0.25, 1.5, Thresholds(answer=0.61, clarify=0.31, sure=0.81), 120)
    (folder / CALIBRATION).write_text(written(learnt).replace("sure: 0.81", "sure: 0.1"), encoding="utf-8")
    assert re.search(r"calibration\.yaml:\d+: thresholds: must rise", refused(folder))


def test_a_language_that_is_not_spoken_falls_back_to_the_first(release: Release) -> None:
    assert release.texts("fr").language == "ko"


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "intents.en.yaml").unlink()
    assert "intents.en.yaml: cannot be read" in refused(folder)


@pytest.mark.parametrize(
    ("name", "before", "after", "complaint"),
    [
        ("intents.ko.yaml", "does: hand_over", "does: transfer", "intents.human.does"),
        ("intents.ko.yaml", "    flow: order_status\n", "    flow: refund\n", "there is no flows/refund.yaml"),
        ("intents.ko.yaml", "    flow: order_status\n", "", "names a flow exactly if it does start_flow"),
        ("intents.en.yaml", "language: en", "language: ko", "is 'ko' in a file for 'en'"),
        ("templates.ko.yaml", "  order_status.wish:", "  order_status.wisch:", "lacks the text 'order_status.wish'"),
        ("templates.en.yaml", "{order_number:digits}, is", "{number:digits}, is", "nothing fills {number}"),
        ("templates.en.yaml", "{estimated_delivery:date}", "{estimated_delivery:week}", "there is no format 'week'"),
        ("templates.en.yaml", "the AI assistant of {name}", "the AI assistant of {name", "braces do not match"),
        ("templates.en.yaml", "the AI assistant of {name}", "the AI assistant of {caller}", "nothing fills {caller}"),
        ("templates.ko.yaml", "small_talk.thanks", "small_talk.thank", "small_talk.thanks"),
        ("actions.yaml", "service: orders", "service: order", "there is no service 'order'"),
        ("actions.yaml", "risk: read_only", "risk: irreversible", "is a GET"),
        ("actions.yaml", "method: GET", "method: POST", "is a GET"),
        ("actions.yaml", "/orders/{order_number}", "/orders/{number}", "'number' is not among its required arguments"),
        ("actions.yaml", "type: integer", "type: whole", "type 'whole' does not exist"),
        ("actions.yaml", "url: http://127.0.0.1:8070", "url: orders.internal", "services.orders.url"),
        ("flows/order_status.yaml", "action: order_status", "action: refund", "there is no action 'refund'"),
        ("flows/order_status.yaml", "told_by: status", "told_by: carrier", "is no result of order_status with an enum"),
        ("flows/order_status.yaml", "name: order_number", "name: number", "must have a slot for every argument"),
        ("tenant.yaml", "languages: [ko, en]", "languages: [ko, en, ja]", "does not speak 'ja'"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(
    folder: Path, name: str, before: str, after: str, complaint: str
) -> None:
    change(folder, name, before, after)
    message = refused(folder)
    assert complaint in message
    assert Path(name).name in message


def test_the_line_is_the_line(folder: Path) -> None:
    text = (folder / "actions.yaml").read_text(encoding="utf-8")
    line = 1 + text[: text.index("method: GET")].count("\n")
    change(folder, "actions.yaml", "risk: read_only", "risk: reversible")
    assert f"actions.yaml:{line}: actions.order_status.method" in refused(folder)


def test_a_tenant_without_actions_only_answers(folder: Path) -> None:
    (folder / "actions.yaml").unlink()
    shutil.rmtree(folder / "flows")
    for code in ("ko", "en"):
        path = folder / f"intents.{code}.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"does: start_flow\n    flow: \w+", "does: ask_knowledge", text), encoding="utf-8")
    loaded = load_release(folder)
    assert loaded.flows == {}
    assert loaded.actions == {}


def test_a_tenant_is_named_in_a_language_or_by_its_first_name(release: Release) -> None:
    assert release.name("en") == "Hanbit Store"
    assert release.name("ja") == next(iter(release.tenant.name.values()))


def test_who_speaks_is_said_in_every_language(release: Release) -> None:
    assert set(release.disclosures("greeting.disclosure")) == set(release.templates)
