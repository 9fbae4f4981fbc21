"""What the audit says of holds and receipts, in a real PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.access.audit import AuditEntry
from gateway.custody.erasure import AskedBy
from gateway.custody.errors import HoldRefused
from gateway.custody.proofs import Proofs
from infra.storage.database import Database
from tests.gateway.custody.archive import NOW
from tests.gateway.custody.office import Office, open_office


@pytest.fixture
async def office(database: Database) -> Office:
    return await open_office(database)


@pytest.fixture
def proofs(office: Office) -> Proofs:
    return Proofs(office.archive.database, office.tenant)


async def test_a_release_is_told_with_its_own_reason_and_not_with_what_was_said_later(
    office: Office, proofs: Proofs
) -> None:
    standing, lifted = [await office.eraser.hold(await office.archive.call(), "lawsuit", "anna") for _ in range(2)]
    await office.eraser.release(lifted, "it was settled", "ben")
    office.archive.now = NOW + timedelta(hours=1)
    with pytest.raises(HoldRefused):
        await office.eraser.release(lifted, "once more", "ben")
    assert await proofs.release_reasons([standing, lifted, "none"]) == {lifted: "it was settled"}
    assert await proofs.release_reasons([]) == {}


async def test_the_digest_of_a_receipt_stands_in_the_audit(office: Office, proofs: Proofs) -> None:
    call = await office.archive.call()
    receipt = (await office.eraser.erase(call, AskedBy.API, "asked", "anna")).plain()
    erasure = str(receipt["erasure"])
    assert await proofs.digest_of(call, erasure) == receipt["digest"]
    assert await proofs.digest_of("another", erasure) is None
    assert await proofs.digest_of(call, "another") is None


async def test_an_audit_ends_with_its_latest_line(office: Office, proofs: Proofs) -> None:
    assert await proofs.ends() == {}
    for what in ("sign_in.done", "sign_out.done"):
        await office.audit.record(AuditEntry(office.tenant, NOW, "kim", what))
    end = (await proofs.ends())["access"]
    (_, line) = (await office.audit.lines(office.tenant))[-1]
    assert (end.number, end.digest, end.at) == (2, line.digest, NOW)


async def test_deeds_and_actors_are_named_once_and_only_the_tenants_own(
    office: Office, proofs: Proofs, database: Database
) -> None:
    assert (await proofs.deeds(), await proofs.actors()) == ([], [])
    other = await open_office(database)
    await other.audit.record(AuditEntry(other.tenant, NOW, "stranger", "value.revealed"))
    for actor, what in (("lee", "sign_in.done"), ("kim", "sign_in.done"), ("lee", "contact.held")):
        await office.audit.record(AuditEntry(office.tenant, NOW, actor, what))
    assert set(await proofs.deeds()) == {"contact.held", "sign_in.done"}
    assert len(await proofs.deeds()) == 2
    assert sorted(await proofs.actors()) == ["kim", "lee"]
