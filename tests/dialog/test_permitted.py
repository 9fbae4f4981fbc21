"""Documents as files with their own days, audience and channels, ingested, and asked for in whole conversations: what
may not be told to a customer today on this channel is never said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dialog.answers.confidence import Thresholds
from dialog.conversation import CHAT, PHONE
from dialog.journal import MemoryJournal
from dialog.manager import DialogueManager
from dialog.releases.release import Release
from dialog.turn import CallerTurn
from knowledge.hosting import KnowledgeHost
from knowledge.retriever import InlineRetriever
from knowledge.settings import KnowledgeSettings, QdrantSettings
from tests.dialog.surroundings import ScriptedBackEnd, StoppedClock, Talk

TENANT = "shop"
ASKED = {"en": "how much is gift wrapping", "ko": "선물 포장은 얼마예요"}
SENTENCES = {"en": "Gift wrapping costs {} won.", "ko": "선물 포장은 {}원입니다."}
TITLES = {"en": "Gift wrapping", "ko": "선물 포장"}
DOCUMENTS = {
    "open": ("3,000", "valid_from: 2026-01-01\nvalid_until: 2026-11-21\naudience: [customer, staff]"),
    "expired": ("4,100", "valid_until: 2026-11-20"),
    "coming": ("4,200", "valid_from: 2026-11-22"),
    "staff": ("4,300", "audience: staff"),
    "chat": ("4,400", "channel: chat"),
    "phone": ("4,500", "channel: phone"),
}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeHost]:
    """All of the documents, in both languages."""
    place = tmp_path_factory.mktemp("knowledge")
    folder = place / "documents"
    folder.mkdir()
    for name, (price, permission) in DOCUMENTS.items():
        for code, sentence in SENTENCES.items():
            text = f"---\ntitle: {TITLES[code]}\n{permission}\n---\n{sentence.format(price)}\n"
            (folder / f"{name}.{code}.md").write_text(text, encoding="utf-8")
    host = KnowledgeHost(QdrantSettings(), KnowledgeSettings(model_languages=()), place / "state")
    assert not host.ingest(folder, TENANT).failed
    yield host
    host.close()


def talk(release: Release, knowledge: KnowledgeHost, code: str, channel: str) -> Talk:
    """A conversation in which whatever is found first is said."""
    policy = replace(release.policy, thresholds=Thresholds(answer=0.001, clarify=0.0005, sure=0.9, rival=0.0))
    used = replace(release, policy=policy, tenant=replace(release.tenant, id=TENANT))
    manager = DialogueManager(used, InlineRetriever(knowledge.retriever), ScriptedBackEnd([]), StoppedClock())
    journal = MemoryJournal()
    conversation = manager.begin(call_id="c", language=code, caller=None, journal=journal, channel=channel)
    return Talk(manager, conversation, journal, code)


@pytest.mark.parametrize("ahead", [False, True], ids=["asked", "searched ahead"])
@pytest.mark.parametrize("code", ["en", "ko"])
@pytest.mark.parametrize(("channel", "told"), [(PHONE, {"open", "phone"}), (CHAT, {"open", "chat"})])
async def test_a_document_is_told_on_its_days_to_its_audience_on_its_channels_only(
    release: Release, knowledge: KnowledgeHost, code: str, channel: str, told: set[str], ahead: bool
) -> None:
    talking = talk(release, knowledge, code, channel)
    if ahead:
        await talking.manager.foresee(talking.conversation, CallerTurn(1, ASKED[code], code))
    said = " ".join(reply.text for reply in await talking.say(ASKED[code]))
    assert {name for name, (price, _) in DOCUMENTS.items() if price in said} <= told
    assert any(DOCUMENTS[name][0] in said for name in told)
    await talking.conversation.scribe.settle()
    record = talking.payload("retrieval.done")
    assert record["foreseen"] is ahead
    passages = record["passages"]
    assert isinstance(passages, list)
    assert {str(passage["document"]).partition(".")[0] for passage in passages} == told
