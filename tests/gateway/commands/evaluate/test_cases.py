from pathlib import Path

from gateway.commands.evaluate.cases import Condition, collected, holds
from gateway.commands.evaluate.library import number_of, opened
from gateway.commands.evaluate.reading_sets import ReadingSet, read_corpus
from tests.gateway.commands.evaluate.corpora import written


def test_an_answer_is_found_whatever_marks_stand_about_it() -> None:
    assert holds("It takes 7-10 days.", ("7 - 10 days",))
    assert not holds("It takes a week.", ("7 days",))
    assert not holds("anything", ())


def test_what_is_absent_is_nowhere_among_the_hits(tmp_path: Path) -> None:
    corpus = read_corpus("en", ReadingSet(questions=("set.json",)), written(tmp_path / "data"))
    with opened(corpus, "en", tmp_path / "work", lambda line: None) as library:
        found = {
            condition: list(collected(corpus, library, condition, corpus.answerable, lambda line: None))
            for condition in (Condition.THERE, Condition.PASSAGE_ABSENT, Condition.TOPIC_ABSENT)
        }
    for condition, cases in found.items():
        assert [case.asked.words for case in cases] == [question.text for question in corpus.questions]
        for case, question in zip(cases, corpus.questions, strict=True):
            hits = {number_of(hit) for hit in case.hits}
            articles = {corpus.articles[hit] for hit in hits}
            assert (question.context in hits) is (condition is Condition.THERE)
            assert condition is not Condition.TOPIC_ABSENT or case.article not in articles
            assert case.answered_by(" ".join(question.answers)) is (condition is Condition.THERE)
