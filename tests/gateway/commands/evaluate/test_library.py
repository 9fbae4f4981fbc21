import dataclasses
from pathlib import Path

import pytest

from gateway.commands.evaluate.library import number_of, opened
from gateway.commands.evaluate.reading_sets import Corpus, ReadingSet, read_corpus
from tests.gateway.commands.evaluate.corpora import written


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return read_corpus("ko", ReadingSet(questions=("set.json",)), written(tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


def test_a_corpus_is_found_in_and_prepared_only_once(corpus: Corpus, work: Path) -> None:
    told: list[str] = []
    with opened(corpus, "ko", work, told.append) as library:
        assert [number_of(hit) for hit in library.search("주차장은 어디에 있습니까?", 1)] == [1]
        some = library.only({0, 2})
        assert {number_of(hit) for hit in some.search("주차장은 어디에 있습니까? 반품은?", 5)} <= {0, 2}
    assert told[-1] == "ko: 4 of 4 contexts are in the index"
    with opened(corpus, "ko", work, told.append):
        pass
    changed = dataclasses.replace(corpus, contexts=("도서관은 화요일에 쉽니다.", *corpus.contexts[1:3]))
    with opened(changed, "ko", work, told.append) as library:
        assert library.search("도서관은 언제 쉬나요?", 1)[0].passage.text == "도서관은 화요일에 쉽니다."
        assert library.search("골드 등급의 혜택은?", 5) == []
    assert told[1:] == ["ko: 1 of 1 contexts are in the index"]
