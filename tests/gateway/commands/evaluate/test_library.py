import dataclasses
from pathlib import Path

from gateway.commands.evaluate.library import number_of, opened
from gateway.commands.evaluate.reading_sets import ReadingSet, read_corpus
from tests.gateway.commands.evaluate.corpora import written


def test_a_corpus_is_found_in_and_prepared_only_once(tmp_path: Path) -> None:
    corpus = read_corpus("en", ReadingSet(questions=("set.json",)), written(tmp_path / "data"))
    work = tmp_path / "work"
    told: list[str] = []
    with opened(corpus, "en", work, told.append) as library:
        assert [number_of(hit) for hit in library.search("Where do visitors park?", 1)] == [1]
        some = library.only({0, 2})
        assert {number_of(hit) for hit in some.search("Where do visitors park? Which goods are returned?", 5)} == {2}
    assert told[-1] == "en: 4 of 4 contexts are in the index"
    with opened(corpus, "en", work, told.append):
        pass
    changed = dataclasses.replace(corpus, contexts=("The library is closed on Tuesdays.", *corpus.contexts[1:3]))
    with opened(changed, "en", work, told.append) as library:
        found = library.search("When is the library closed?", 1)[0]
        assert found.passage.text == "The library is closed on Tuesdays."
        assert library.search("What does the gold tier bring?", 5) == []
    assert told[1:] == ["en: 1 of 1 contexts are in the index"]
