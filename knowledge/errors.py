"""What can go wrong with knowledge, by name."""

from __future__ import annotations

from infra.errors import AiccError


class KnowledgeError(AiccError):
    """Any failure of ingestion or retrieval."""

    code = "knowledge_error"


class UnreadableDocument(KnowledgeError):
    """A file cannot be read as what it claims to be, is over a limit, or yields no text."""

    code = "knowledge_unreadable_document"


class KnowledgeUnavailable(KnowledgeError):
    """The index or the embedder does not answer now."""

    code = "knowledge_unavailable"
