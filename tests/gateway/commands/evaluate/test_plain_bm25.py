from gateway.commands.evaluate.plain_bm25 import PlainBM25


def test_rare_words_and_short_texts_weigh_more() -> None:
    plain = PlainBM25(["the red house", "the green house", "the house of the long and winding words, red once"])
    assert plain.best("Green?", 5) == [1]
    assert plain.best("a RED thing", 5) == [0, 2]
    assert plain.best("the house", 1) != []
    assert plain.best("nothing", 5) == []
