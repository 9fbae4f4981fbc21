"""The process that makes terms and vectors: ``python -m knowledge.preparing_process MODEL``.

It sees plain passages from its own parent only. Heavy engines are loaded when the first passage needs them.

Refuses: files of strangers, indexes.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from knowledge import lexical
from knowledge.child import Message, serve
from knowledge.document import Passage
from knowledge.embedder import Matrix, ModelPlace, Role, SentenceTransformerEmbedder
from knowledge.errors import KnowledgeError
from knowledge.index import label_of
from knowledge.payload import passage_from
from knowledge.preparing import packed


class Workbench:
    """Answers the parent's messages."""

    def __init__(self, place: ModelPlace, batch: int) -> None:
        self._place = place
        self._batch = batch

    @cached_property
    def embedder(self) -> SentenceTransformerEmbedder:
        """The reference engine, loaded at first use."""
        return SentenceTransformerEmbedder(self._place, self._batch)

    def answer(self, message: Message) -> Message:
        """One message's answer; failures that have a name of ours are answers too."""
        try:
            match message["do"]:
                case "convert":
                    self.embedder.convert(self._place)
                    return {}
                case "embed":
                    return {"vectors": packed(self.embedder.embed(message["texts"], Role(message["role"])))}
                case _:
                    passages = [passage_from(values) for values in message["passages"]]
                    return {"entries": self.prepare(passages, message["language"], dense=message["dense"])}
        except KnowledgeError as error:
            return {"error": str(error)}

    def prepare(self, passages: Sequence[Passage], language: str, *, dense: bool) -> list[dict[str, Any]]:
        """The values of each passage's entry."""
        vectors = self._vectors(passages) if dense else [(None, None)] * len(passages)
        return [
            {**_words(passage, language), "dense": whole, "rows": rows}
            for passage, (whole, rows) in zip(passages, vectors, strict=True)
        ]

    def _vectors(self, passages: Sequence[Passage]) -> list[tuple[dict[str, Any] | None, dict[str, Any] | None]]:
        """One call of the model for all texts: it sorts them by length, which is what makes batches quick."""
        texts: list[str] = []
        for passage in passages:
            texts += [whole_text(passage), *row_texts(passage)]
        matrix: Matrix = self.embedder.embed(texts, Role.PASSAGE)
        out: list[tuple[dict[str, Any] | None, dict[str, Any] | None]] = []
        at = 0
        for passage in passages:
            count = len(row_texts(passage))
            out.append((packed(matrix[at]), packed(matrix[at + 1 : at + 1 + count])))
            at += 1 + count
        return out


def whole_text(passage: Passage) -> str:
    """A passage as it is embedded and indexed: its place, its question, its words."""
    parts = [". ".join(dict.fromkeys([*passage.headings, *([passage.question] if passage.question else [])]))]
    return "\n".join(part for part in (*parts, passage.text) if part)


def row_texts(passage: Passage) -> list[str]:
    """What gets a vector of its own: each sentence, and the label."""
    label = label_of(passage)
    return [*passage.sentences, *([label] if label else [])]


def _words(passage: Passage, language: str) -> dict[str, Any]:
    analyzer = lexical.analyzer(language)
    whole = whole_text(passage)
    weights = lexical.weighted(analyzer.terms(whole), lexical.TYPICAL[language])
    characters = lexical.document_characters(whole, language)
    return {
        "lexical": [weights.indices, weights.values],
        "characters": [characters.indices, characters.values],
        "sentence_terms": [sorted({lexical.hashed(t) for t in analyzer.terms(text)}) for text in row_texts(passage)],
    }


def main(settings: dict[str, Any]) -> None:
    """Serve until the parent closes the pipe."""
    logging.getLogger("transformers").setLevel(logging.ERROR)
    place = ModelPlace(settings["name"], settings["source"], Path(settings["converted"]))
    serve(Workbench(place, settings["batch"]).answer)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
