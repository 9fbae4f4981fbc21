from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from knowledge.embedder import QueryEmbedder, Role, model_place
from knowledge.errors import KnowledgeError, KnowledgeUnavailable
from knowledge.preparing import Preparing
from knowledge.settings import KnowledgeSettings
from tests.knowledge import engines

ROOT = Path(__file__).parents[2]


def test_the_default_model_comes_out_of_its_package(tmp_path: Path) -> None:
    place = model_place(KnowledgeSettings(), tmp_path)
    assert (Path(place.source) / "model.safetensors").is_file()
    assert place.converted.is_relative_to(tmp_path)
    assert not place.ready


def test_another_directory_or_name_is_another_model(tmp_path: Path) -> None:
    folder = tmp_path / "my model"
    folder.mkdir()
    (folder / "weights").write_bytes(b"1" * 100)
    first = model_place(KnowledgeSettings(model=str(folder)), tmp_path)
    (folder / "weights").write_bytes(b"2" * 100)
    second = model_place(KnowledgeSettings(model=str(folder)), tmp_path)
    hub = model_place(KnowledgeSettings(model="intfloat/multilingual-e5-small"), tmp_path)
    assert len({first.name, second.name, hub.name}) == 3
    assert "/" not in first.name + hub.name
    assert hub.source == "intfloat/multilingual-e5-small"


def test_a_model_that_was_not_converted_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeUnavailable, match="ingest a document, or prepare"):
        QueryEmbedder(model_place(KnowledgeSettings(), tmp_path))


def test_a_model_that_is_not_in_the_cache_is_not_fetched(tmp_path: Path) -> None:
    place = model_place(KnowledgeSettings(model="nobody/no-such-model"), tmp_path)
    with Preparing(place) as preparing, pytest.raises(KnowledgeError, match="nothing is fetched"):
        preparing.model()


def test_a_converted_model_is_small_complete_and_not_half_written() -> None:
    place = engines.converted()
    files = {path.name for path in place.converted.iterdir()}
    assert {"model.bin", "tokenizer.json", "embedder.json"} <= files
    assert sum(path.stat().st_size for path in place.converted.iterdir()) < 40_000_000
    assert [path.name for path in place.converted.parent.iterdir()] == [place.converted.name]
    assert place.card().pooling == "mean"


def test_the_serving_path_imports_neither_torch_nor_transformers() -> None:
    place = engines.converted()
    script = (
        "import sys; from pathlib import Path\n"
        "from knowledge.hosting import KnowledgeHost\n"
        "from knowledge.query import Query\n"
        "from knowledge.settings import KnowledgeSettings, QdrantSettings\n"
        "host = KnowledgeHost(QdrantSettings(), KnowledgeSettings(), Path(sys.argv[1]), ('en',))\n"
        "host.search(Query('shop', 'en', 'how long does delivery take'))\n"
        "host.close()\n"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(place.converted.parents[1])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_a_long_text_is_cut_and_not_refused() -> None:
    embedder = QueryEmbedder(engines.converted())
    assert embedder.embed(["word " * 3_000], Role.QUERY).shape == (1, embedder.dimension)
