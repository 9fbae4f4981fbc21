"""Passages to entries: terms, weights and vectors, made in a child process.

Torch is 2 s and 0.5 GB to import, and Kiwi nearly as much. Neither belongs in the process that answers searches (it
would pause it, and stay there for ever), so a short-lived child is started for an ingestion and ends with it. A Korean
ingestion never imports torch, an English one never loads Kiwi.

Refuses: reading files, writing to an index.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import numpy as np

from knowledge.child import ChildLost, ChildProcess, ChildTimeout
from knowledge.document import Passage
from knowledge.embedder import OFFLINE, Matrix, ModelPlace, Role
from knowledge.errors import KnowledgeError
from knowledge.index import Entry, Space, entry_id
from knowledge.lexical import Sparse
from knowledge.payload import passage_values

PATIENCE: Final = 600.0
"""Seconds for one batch; the first one loads the model."""


class Preparing:
    """A preparing process. A context manager; not for use from several threads."""

    def __init__(self, place: ModelPlace, batch: int = 32) -> None:
        self._place = place
        settings = {"name": place.name, "source": place.source, "converted": str(place.converted), "batch": batch}
        self._child = ChildProcess("knowledge.preparing_process", [json.dumps(settings)], OFFLINE)

    def model(self) -> int:
        """Make sure that queries can be served by the model. Returns the length of its vectors.

        Raises ``KnowledgeError`` when the model is not here or cannot be served.
        """
        if not self._place.ready:
            self._ask({"do": "convert"})
        return self._place.card().dimension

    def entries(self, space: Space, passages: Sequence[Passage], revision: str, staged_at: float) -> list[Entry]:
        """Entries of passages, in order."""
        answer = self._ask(
            {
                "do": "prepare",
                "language": space.language,
                "dense": bool(space.model),
                "passages": [passage_values(passage) for passage in passages],
            }
        )
        return [
            _entry(entry_id(space, passage.id, revision), passage, revision, staged_at, values)
            for passage, values in zip(passages, answer["entries"], strict=True)
        ]

    def embed(self, texts: Sequence[str], role: Role = Role.QUERY) -> Matrix:
        """Vectors by the reference engine, to measure the serving one against."""
        return _matrix(self._ask({"do": "embed", "texts": list(texts), "role": role.value})["vectors"])

    def close(self) -> None:
        """End the process."""
        self._child.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer = self._child.ask(dict(message), timeout=PATIENCE)
        except ChildTimeout as error:
            raise KnowledgeError(f"a batch of passages took longer than {PATIENCE:g} s to prepare") from error
        except ChildLost as error:
            raise KnowledgeError(f"the process that prepares passages was lost: {error}; ingest again") from error
        if "error" in answer:
            raise KnowledgeError(str(answer["error"]))
        return answer


def packed(matrix: Matrix) -> dict[str, Any]:
    """A matrix as JSON values."""
    return {"shape": list(matrix.shape), "data": base64.b64encode(matrix.astype("<f4").tobytes()).decode("ascii")}


def _matrix(values: Mapping[str, Any]) -> Matrix:
    flat = np.frombuffer(base64.b64decode(values["data"]), "<f4").astype(np.float32)
    return flat.reshape(values["shape"])


def _entry(key: str, passage: Passage, revision: str, staged_at: float, values: Mapping[str, Any]) -> Entry:
    return Entry(
        id=key,
        passage=passage,
        revision=revision,
        staged_at=staged_at,
        lexical=Sparse(*map(tuple, values["lexical"])),
        sentence_terms=tuple(tuple(terms) for terms in values["sentence_terms"]),
        characters=Sparse(*map(tuple, values["characters"])),
        dense=_matrix(values["dense"]) if values["dense"] is not None else None,
        rows=_matrix(values["rows"]) if values["rows"] is not None else None,
    )
