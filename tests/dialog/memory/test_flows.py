from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialog.actions.action import Failed, FailureKind, Succeeded, Unknown
from dialog.actions.rules import Identity
from dialog.flows.plan import Flow, Say
from dialog.flows.texts import texts_of
from dialog.memory.flows import EARLIER, FORGET, MemoryActions, with_memory
from dialog.memory.memory import Agreement, EarlierContact, Eraser
from dialog.memory.policy import Consent
from dialog.memory.store import VolatileMemory
from dialog.memory.subject import Subjects
from dialog.memory.tenant import TenantMemory
from dialog.releases.release import Release
from dialog.reply import EscalationReason
from tests.dialog.memory.surroundings import POLICY, BrokenMemory
from tests.dialog.surroundings import StoppedClock

NOW = StoppedClock().now("UTC")
SUBJECT = f"customer:{'d' * 64}"
OTHER = f"number:{'e' * 64}"


def remembering(release: Release, **policy: object) -> Release:
    chosen = replace(POLICY, **policy)  # type: ignore[arg-type]
    return with_memory(replace(release, policy=replace(release.policy, memory=chosen)))


@pytest.fixture
def store() -> VolatileMemory:
    return VolatileMemory()


def port(release: Release, store: VolatileMemory) -> MemoryActions:
    memory = TenantMemory(store, Subjects(b"k" * 32, "shop"), POLICY)
    return MemoryActions(memory, remembering(release), now=lambda: NOW)


def test_flows_are_there_only_where_somebody_is_remembered(release: Release) -> None:
    assert with_memory(release) is release
    assert {FORGET, EARLIER} <= remembering(release).flows.keys()
    assert {FORGET, EARLIER} <= remembering(release, consent=Consent.CUSTOMER_OPTED_IN).flows.keys()


def test_every_text_that_they_say_is_there_in_every_language(release: Release) -> None:
    ours = remembering(release)
    for flow in (ours.flows[FORGET], ours.flows[EARLIER]):
        for key in texts_of(flow, ours.actions):
            for texts in ours.templates.values():
                assert texts.has(key), f"{texts.language}: {key}"


def test_a_tenants_own_flow_takes_the_place_of_ours(release: Release) -> None:
    own = Flow(FORGET, (), ())
    changed = replace(release, flows={**release.flows, FORGET: own})
    assert remembering(changed).flows[FORGET] is own


def test_earlier_contacts_need_a_caller_who_is_known_and_forgetting_does_not(release: Release) -> None:
    ours = remembering(release, identity=Identity.CODE)
    assert ours.actions[EARLIER].rules.identity is Identity.CODE
    assert ours.actions[FORGET].rules.identity is Identity.NONE
    assert isinstance(ours.flows[FORGET].plan[0].does, Say)


async def test_forgetting_is_done_for_all_that_the_caller_is_known_by(release: Release, store: VolatileMemory) -> None:
    for subject in (SUBJECT, OTHER):
        await store.agree(subject, Agreement(True, NOW, "ko:1"))
    action = remembering(release).actions[FORGET]
    outcome = await port(release, store).perform(action, {"by_customer": SUBJECT, "by_number": OTHER}, key="k-1")
    assert outcome == Succeeded({"left": 0})
    for subject in (SUBJECT, OTHER):
        [erasure] = (await store.recall(subject, NOW)).erasures
        assert (erasure.by, erasure.reference) == (Eraser.CALLER, "k-1")


async def test_the_last_contact_is_found_and_named(release: Release, store: VolatileMemory) -> None:
    actions, ours = port(release, store), remembering(release)
    asked = {"by_customer": SUBJECT, "language": "en"}
    nothing = Succeeded({"found": "nothing"})
    assert await actions.perform(ours.actions[EARLIER], asked, key="k") == nothing
    await store.agree(SUBJECT, Agreement(True, NOW, "ko:1"))
    assert await actions.perform(ours.actions[EARLIER], asked, key="k") == nothing
    for hours, about in ((2, "order_status"), (1, "returns")):
        contact = EarlierContact(about, NOW - timedelta(hours=hours), "phone", "ko", about)
        await store.keep(SUBJECT, NOW, None, contact)
    found = await actions.perform(ours.actions[EARLIER], asked, key="k")
    assert found == Succeeded({"found": "no_topic", "at": "2026-11-21", "about": "returns"})
    asked_for = EscalationReason.CALLER_ASKED
    ends = ((False, None, "topic"), (True, None, "unfinished"), (True, asked_for, "handed_over"))
    for hours, (unfinished, reason, how) in enumerate(ends):
        later = NOW + timedelta(hours=hours)
        contact = EarlierContact(how, later, "phone", "ko", "order_status", reason=reason, unfinished=unfinished)
        await store.keep(SUBJECT, NOW, None, contact)
        found = await actions.perform(ours.actions[EARLIER], asked, key="k")
        assert isinstance(found, Succeeded)
        assert found.result["topic"] == ours.texts("en").render("order_status.wish")
        assert found.result["found"] == how


async def test_a_memory_that_does_not_answer_is_no_exception(release: Release) -> None:
    actions, ours = port(release, BrokenMemory()), remembering(release)
    asked = {"by_customer": SUBJECT, "language": "en"}
    assert isinstance(await actions.perform(ours.actions[EARLIER], asked, key="k"), Failed)
    assert isinstance(await actions.perform(ours.actions[FORGET], {"by_customer": SUBJECT}, key="k"), Unknown)
    strange = replace(ours.actions[FORGET], path="remember_everything")
    refused = await actions.perform(strange, {}, key="k")
    assert isinstance(refused, Failed)
    assert refused.kind is FailureKind.INVALID
    await actions.close()
