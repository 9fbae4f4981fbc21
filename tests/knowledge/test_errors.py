from __future__ import annotations

from infra.errors import AiccError
from knowledge.errors import KnowledgeError, KnowledgeUnavailable, UnreadableDocument
from knowledge.ingest import IngestCancelled


def test_each_error_has_a_code_of_its_own_that_says_where_it_comes_from() -> None:
    errors = (KnowledgeError, KnowledgeUnavailable, UnreadableDocument, IngestCancelled)
    codes = {error.code for error in errors}
    assert len(codes) == len(errors)
    assert all(code.startswith("knowledge_") for code in codes)
    assert all(issubclass(error, AiccError) for error in errors)
