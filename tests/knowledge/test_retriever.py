from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.document import Hit
from knowledge.embedder import ModelPlace, Role
from knowledge.errors import KnowledgeError, KnowledgeUnavailable
from knowledge.index import Entry, Probe, Ranking, Record, Signal, Space
from knowledge.memory import MemoryIndex
from knowledge.query import Query
from knowledge.retriever import InlineRetriever, LocalRetriever
from knowledge.settings import KnowledgeSettings
from tests.knowledge.twins import NO_MODEL, HashedEmbedder, document, entry, passage, serve

WORDS = KnowledgeSettings(model_languages=())
ENGLISH = Space("shop", "en")
KOREAN = Space("shop", "ko")
TODAY = date(2026, 11, 21)


def local(index: MemoryIndex) -> LocalRetriever:
    return LocalRetriever(index, WORDS, NO_MODEL, today=lambda: TODAY)


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage.document.id for hit in hits]


def filled() -> MemoryIndex:
    index = MemoryIndex()
    serve(
        index,
        ENGLISH,
        passage(document("delivery"), "Delivery takes two days. Jeju takes three days."),
        passage(document("returns"), "Returns are free within 30 days. Keep the box."),
        passage(document("points"), "Points end in two years."),
    )
    serve(
        index,
        KOREAN,
        passage(document("배송", "ko"), "기본 배송비는 삼천 원입니다. 제주는 육천 원입니다."),
        passage(document("반품", "ko"), "반품은 30일 이내에 가능합니다."),
        passage(document("회원", "ko"), "회원 등급은 매달 1일에 바뀝니다."),
    )
    return index


@pytest.mark.parametrize(
    ("language", "query", "expected"),
    [
        ("en", "how long does delivery to jeju take", "delivery"),
        ("en", "can i return it after thirty days", "returns"),
        ("en", "RETURNS???", "returns"),
        ("ko", "제주 배송비 얼마예요", "배송"),
        ("ko", "반품은 삼십 일 안에 되나요", "반품"),
        ("ko", "회원등급은언제바뀌나요", "회원"),
        ("ko", "배송비 3000원 맞아요?", "배송"),
    ],
)
def test_recognized_speech_finds_what_was_written(language: str, query: str, expected: str) -> None:
    hits = local(filled()).search(Query("shop", language, query))
    assert ids(hits)[0] == expected


def test_hits_are_ordered_bounded_and_carry_their_figures() -> None:
    hits = local(filled()).search(Query("shop", "en", "days of delivery or returns", limit=2))
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score
    assert all(0.0 <= hit.score <= 1.0 for hit in hits)
    assert hits[0].signals["margin"] == pytest.approx(hits[0].score - hits[1].score)
    assert {"lexical", "coverage", "margin", "best_sentence"} <= hits[0].signals.keys()
    assert all(len(hit.sentence_scores) == len(hit.passage.sentences) for hit in hits)
    assert all(hit.sentence_scores[hit.best] == max(hit.sentence_scores) for hit in hits)


@pytest.mark.parametrize("query", ["", "   ", "?!"])
def test_nothing_asked_finds_nothing(query: str) -> None:
    assert local(filled()).search(Query("shop", "en", query)) == []


def test_a_tenant_without_knowledge_finds_nothing() -> None:
    assert local(MemoryIndex()).search(Query("shop", "en", "delivery")) == []
    without_model = LocalRetriever(MemoryIndex(), KnowledgeSettings(), NO_MODEL)
    assert without_model.search(Query("shop", "en", "delivery")) == []


def test_knowledge_whose_model_is_not_here_is_unavailable_and_not_empty() -> None:
    index = MemoryIndex()
    serve(index, Space("shop", "en", "none"), passage(document("delivery"), "Delivery takes two days."))
    retriever = LocalRetriever(index, KnowledgeSettings(), NO_MODEL)
    with pytest.raises(KnowledgeUnavailable, match="prepare"):
        retriever.search(Query("shop", "en", "delivery"))


def test_what_was_ingested_for_words_serves_until_the_configured_model_follows() -> None:
    retriever = LocalRetriever(filled(), KnowledgeSettings(), NO_MODEL)
    assert ids(retriever.search(Query("shop", "en", "delivery"))) == ["delivery"]


def test_a_language_that_is_not_spoken_here_is_an_error() -> None:
    with pytest.raises(KnowledgeError, match="ko or en"):
        local(filled()).search(Query("shop", "fr", "bonjour"))


def test_documents_are_told_inside_their_days_only() -> None:
    index = MemoryIndex()
    serve(index, ENGLISH, passage(document("old", valid_until=date(2026, 11, 20)), "Delivery is free."))
    serve(index, ENGLISH, passage(document("new"), "Delivery costs three won."))
    retriever = local(index)
    assert ids(retriever.search(Query("shop", "en", "delivery"))) == ["new"]
    earlier = retriever.search(Query("shop", "en", "delivery", on=date(2026, 11, 20)))
    assert sorted(ids(earlier)) == ["new", "old"]


def test_documents_are_told_to_their_audience_and_on_their_channels_only() -> None:
    index = MemoryIndex()
    plain = document("all")
    staff = replace(document("staff"), audience=("staff", "supervisor"))
    chat = replace(document("chat"), channels=("chat",))
    both = replace(document("both"), audience=("staff",), channels=("phone",))
    for made in (plain, staff, chat, both):
        serve(index, ENGLISH, passage(made, "Delivery takes two days."))
    retriever = local(index)

    def told(**to: str) -> list[str]:
        return sorted(ids(retriever.search(Query("shop", "en", "delivery", **to))))

    assert told() == ["all"]
    assert told(audience="staff") == ["all", "staff"]
    assert told(audience="staff", channel="phone") == ["all", "both", "staff"]
    assert told(audience="guest", channel="chat") == ["all", "chat"]


def test_what_may_not_be_told_does_not_crowd_out_what_may() -> None:
    index = MemoryIndex()
    for at in range(60):
        secret = replace(document(f"staff{at}"), audience=("staff",))
        serve(index, ENGLISH, passage(secret, "Delivery to Jeju, Jeju, Jeju."))
    serve(index, ENGLISH, passage(document("open"), "Delivery takes two days."))
    assert ids(local(index).search(Query("shop", "en", "delivery to jeju"))) == ["open"]


@pytest.mark.parametrize(
    ("language", "before", "now", "expected"),
    [
        ("en", "When is the repair desk open?", "and on weekends?", "repair"),
        ("en", "When is the pharmacy open?", "and on weekends?", "pharmacy"),
        ("ko", "수리 센터 영업시간이 어떻게 되나요?", "그럼 주말에는요?", "repair"),
        ("ko", "약국 영업시간이 어떻게 되나요?", "그럼 주말에는요?", "pharmacy"),
    ],
)
def test_a_follow_up_finds_what_the_turn_before_was_about(language: str, before: str, now: str, expected: str) -> None:
    index, space = MemoryIndex(), Space("shop", language)
    texts = {
        "repair en": "The repair desk is open until six. On weekends it closes at noon.",
        "repair ko": "수리 센터는 평일 여섯 시까지 영업합니다. 주말에는 열두 시까지입니다.",
        "pharmacy en": "The pharmacy is open until nine. On weekends it is closed.",
        "pharmacy ko": "약국은 평일 아홉 시까지 영업합니다. 주말에는 쉽니다.",
        "parcels en": "Parcels are delivered on weekends too.",
        "parcels ko": "주말에도 택배가 배송됩니다.",
        **{f"other{at} en": f"Shelf {at} holds paper." for at in range(6)},
        **{f"other{at} ko": f"{at}번 선반에는 종이가 있습니다." for at in range(6)},
    }
    for key, text in texts.items():
        name, written_in = key.split()
        if written_in == language:
            serve(index, space, passage(document(name, language), text))
    hit = local(index).search(Query("shop", language, now, context=(before,)))[0]
    assert hit.passage.document.id == expected
    assert hit.best == 1, "the caller's own words choose the sentence"


@pytest.mark.parametrize("heard", ["nor man castle", "normancastle", "the norman gastle", "normen castel"])
def test_words_that_were_misheard_are_found_by_their_letters(heard: str) -> None:
    index = filled()
    serve(index, ENGLISH, passage(document("history"), "A Norman castle stands on the hill."))
    serve(index, ENGLISH, passage(document("man"), "Every man and every page may enter the hall."))
    assert ids(local(index).search(Query("shop", "en", heard)))[:1] == ["history"]


def test_a_new_topic_is_found_whatever_was_asked_before() -> None:
    before = ["How many points do I get?", "And do points expire?"]
    hits = local(filled()).search(Query("shop", "en", "how long does delivery to jeju take", context=before))
    assert ids(hits)[0] == "delivery"


def test_revisions_that_are_not_published_are_never_told() -> None:
    index = filled()
    draft = passage(document("delivery"), "Delivery takes nine days to Jeju.")
    index.put(ENGLISH, [entry(ENGLISH, draft, "2"), entry(ENGLISH, passage(document("secret"), "Jeju secret."), "1")])
    hits = local(index).search(Query("shop", "en", "delivery to jeju"))
    assert [hit.passage.text for hit in hits if hit.passage.document.id in {"delivery", "secret"}] == [
        "Delivery takes two days. Jeju takes three days."
    ]
    index.publish("shop", Record(document("delivery"), "2", "/root", "", 1))
    assert local(index).search(Query("shop", "en", "delivery to jeju"))[0].passage == draft


def test_many_unpublished_entries_do_not_crowd_out_what_is_served() -> None:
    index = filled()
    for at in range(60):
        made = passage(document(f"draft{at}"), "Delivery to Jeju, Jeju, Jeju.")
        index.put(ENGLISH, [entry(ENGLISH, made, "9")])
    assert "delivery" in ids(local(index).search(Query("shop", "en", "delivery to jeju")))


class ReplacedMeanwhile(MemoryIndex):
    """A document is replaced between the first search and the look into the catalog."""

    def __init__(self) -> None:
        super().__init__()
        self.searches = 0

    def search(self, space: Space, probes: Mapping[Signal, Probe], depth: int) -> dict[Signal, Ranking]:
        found = super().search(space, probes, depth)
        self.searches += 1
        if self.searches == 1:
            serve(self, space, passage(document("delivery"), "Delivery takes one day."), revision="2")
        return found


def test_a_document_that_is_replaced_during_a_search_is_told_in_one_of_its_versions() -> None:
    index = ReplacedMeanwhile()
    serve(index, ENGLISH, passage(document("delivery"), "Delivery takes two days."))
    hits = local(index).search(Query("shop", "en", "delivery"))
    assert [hit.passage.text for hit in hits] == ["Delivery takes one day."]
    assert index.searches == 2


def test_with_a_model_meaning_counts_beside_words(tmp_path: Path) -> None:
    space = Space("shop", "en", "hashed", HashedEmbedder.dimension)
    index = MemoryIndex()
    serve(index, space, passage(document("a"), "Delivery takes two days."), passage(document("b"), "Keep the box."))
    (tmp_path / "embedder.json").write_text(
        '{"name": "hashed", "dimension": 48, "pooling": "mean", "longest": 9, "query_prompt": "", '
        '"passage_prompt": "", "source": ""}'
    )
    place = ModelPlace("hashed", "", tmp_path)
    retriever = LocalRetriever(index, KnowledgeSettings(), place, embedder=HashedEmbedder(), today=lambda: TODAY)
    hit = retriever.search(Query("shop", "en", "keep the box"))[0]
    assert hit.passage.document.id == "b"
    assert {"dense", "sentence"} <= hit.signals.keys()
    assert hit.signals["sentence"] > 0.9
    assert HashedEmbedder().embed(["x"], Role.QUERY).shape == (1, 48)


def test_a_very_long_question_is_cut_and_answered() -> None:
    hits = local(filled()).search(Query("shop", "en", "delivery jeju " * 5_000))
    assert ids(hits)[0] == "delivery"


def test_the_recognizers_words_are_what_is_served_and_nothing_else() -> None:
    index = filled()
    index.put(ENGLISH, [entry(ENGLISH, passage(document("draft"), "Unpublished words."), "1")])
    texts = local(index).texts("shop", "en")
    assert "Delivery takes two days." in texts
    assert "points" in texts
    assert not any("Unpublished" in text for text in texts)
    assert local(index).texts("nobody", "en") == []


async def test_the_inline_retriever_answers_the_dialogs_protocol() -> None:
    hits = await InlineRetriever(local(filled())).search(Query("shop", "en", "delivery", limit=1))
    assert ids(hits) == ["delivery"]


def test_entries_of_dropped_ids_do_not_break_a_search() -> None:
    class Vanishing(MemoryIndex):
        def entries(self, space: Space, ids: Sequence[str], *, vectors: bool = True) -> list[Entry]:
            return super().entries(space, ids, vectors=vectors)[1:]

    index = Vanishing()
    serve(index, ENGLISH, passage(document("a"), "Delivery."), passage(document("b"), "Delivery again."))
    assert len(local(index).search(Query("shop", "en", "delivery"))) == 1
