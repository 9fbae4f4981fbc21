"""Texts encoded as the product encodes them, tens of thousands of them once: their vectors stay in the work folder.

Refuses: another model or other terms than those that serve.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from dialog.understanding.features import Seen
from infra.config import load
from knowledge.embedder import LazyEmbedder, Matrix, ModelPlace, Role, model_place
from knowledge.encoding import TextEncoder
from knowledge.preparing import Preparing
from knowledge.settings import KnowledgeSettings

_TOLD_EVERY = 2_000


class KeptVectors:
    """An ``Embedder`` that embeds no text twice. ``kept`` is the file that its vectors are in."""

    def __init__(self, place: ModelPlace, kept: Path, tell: Callable[[str], None]) -> None:
        self._model = LazyEmbedder(place)
        self._kept = kept
        self._tell = tell
        self._vectors: dict[str, Matrix] = {}
        self._new = 0
        if kept.is_file():
            with np.load(kept) as found:
                self._vectors = dict(zip(found["texts"].tolist(), found["vectors"], strict=True))

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._model.dimension

    def embed(self, texts: Sequence[str], role: Role) -> Matrix:
        """See ``Embedder.embed``."""
        unknown = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        if unknown:
            self._vectors.update(zip(unknown, self._model.embed(unknown, role), strict=True))
            told, self._new = self._new // _TOLD_EVERY, self._new + len(unknown)
            if told < self._new // _TOLD_EVERY:
                self._tell(f"{self._new} texts embedded")
        return np.stack([self._vectors[text] for text in texts])

    def keep(self) -> None:
        """Write what is new to the file, at once or not at all."""
        if self._new:
            self._kept.parent.mkdir(parents=True, exist_ok=True)
            unborn = self._kept.with_suffix(f".{os.getpid()}.npz")
            np.savez(unborn, texts=np.array(list(self._vectors)), vectors=np.stack(list(self._vectors.values())))
            unborn.replace(self._kept)


class Sight:
    """Sees texts as the product does: ``many`` with vectors that are kept, ``one`` afresh, as in a call."""

    def __init__(self, many: TextEncoder, one: TextEncoder) -> None:
        self._many = many
        self._one = one

    def many(self, texts: Sequence[str], language: str) -> list[Seen]:
        """Texts in order."""
        return _seen(texts, self._many, language)

    def one(self, text: str, language: str) -> Seen:
        """A caller's text."""
        return _seen([text], self._one, language)[0]


@contextmanager
def sight(work: Path, languages: Sequence[str], tell: Callable[[str], None]) -> Iterator[Sight]:
    """See texts of these languages; the model that reads them is made ready for serving where it is not yet."""
    settings = load(KnowledgeSettings)
    place = model_place(settings, work)
    if set(languages) & set(settings.model_languages) and not place.ready:
        with Preparing(place, settings.embed_batch) as preparing:
            preparing.model()
    vectors = KeptVectors(place, work / "vectors" / f"{place.name}.npz", tell)
    yield Sight(TextEncoder(settings, place, embedder=vectors), TextEncoder(settings, place))
    vectors.keep()


def _seen(texts: Sequence[str], encoder: TextEncoder, language: str) -> list[Seen]:
    encoded = encoder.encode(texts, language)
    return [Seen(text, found.terms, found.vector) for text, found in zip(texts, encoded, strict=True)]
