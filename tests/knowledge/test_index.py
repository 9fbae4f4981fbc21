from __future__ import annotations

from knowledge.index import Space, entry_id, label_of, record_id
from tests.knowledge.twins import document, passage


def test_an_entry_has_the_same_id_on_every_attempt_and_another_in_every_revision() -> None:
    space = Space("shop", "en", "model", 384)
    assert entry_id(space, "a#1", "r1") == entry_id(Space("shop", "en"), "a#1", "r1")
    ids = {
        entry_id(space, "a#1", "r1"),
        entry_id(space, "a#1", "r2"),
        entry_id(space, "a#2", "r1"),
        entry_id(Space("other", "en"), "a#1", "r1"),
        entry_id(Space("shop", "ko"), "a#1", "r1"),
        record_id("shop", "a#1"),
    }
    assert len(ids) == 6


def test_a_space_is_known_by_tenant_language_and_model() -> None:
    assert Space("shop", "en", "model", 384) == Space("shop", "en", "model")
    assert Space("shop", "en", "model") != Space("shop", "en", "other")


def test_a_label_is_the_question_else_the_last_heading_but_never_the_title_alone() -> None:
    doc = document("guide")
    assert label_of(passage(doc, "Yes.", question="Is it free?", heading="Fees")) == "Is it free?"
    assert label_of(passage(doc, "Yes.", heading="Fees")) == "Fees"
    assert label_of(passage(doc, "Yes.")) == ""
