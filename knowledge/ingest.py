"""Documents in: a file or a folder becomes what is served, and nothing else remains.

What did not change (by digest and rules of cutting) is not touched; first of all, what is served moves to the
configured model where it is another (see ``moving``). What changed is replaced at one moment (see
``shelf``). What vanished from a folder is withdrawn, but only if it came from that folder. A file that cannot be read
is reported and what was served of it before stays; the others go on.

Refuses: parsing (the reading process), torch (the preparing process), deciding where the index is.
"""

from __future__ import annotations

import hashlib
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final, Self, TypeAlias

from knowledge import chunking
from knowledge.chunking import cut, language_of, title_of
from knowledge.document import Document, Passage
from knowledge.embedder import ModelPlace
from knowledge.errors import KnowledgeError, UnreadableDocument
from knowledge.index import Record, Space
from knowledge.language import LANGUAGES
from knowledge.limits import from_settings
from knowledge.moving import BATCH, Mover, configured
from knowledge.preparing import Preparing
from knowledge.readers import SUFFIXES
from knowledge.reading import Reading
from knowledge.settings import KnowledgeSettings
from knowledge.shelf import Shelf

UPLOADS: Final = "upload:"
"""The root of documents that came as single uploads."""

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with a stage (``move``, ``read``, ``embed``, ``store``), how much of it is done, and how much there is."""


class IngestCancelled(KnowledgeError):
    """Whoever asked for the ingestion has taken it back. What was published until then is served."""

    code = "knowledge_ingest_cancelled"


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingestion did, by documents' ids. ``failed`` has the reason beside each file; ``ignored`` are files of
    kinds that we do not read."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    passages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Origin:
    """Where files come from: the folder (or upload) that ``root`` names, each with the id of its document.

    ``whole`` says that documents of this root which are not among the files have vanished.
    """

    root: str
    files: tuple[tuple[str, Path], ...]
    whole: bool
    ignored: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

    @property
    def present(self) -> set[str]:
        """Ids of everything that is there, readable or not."""
        return {key for key, _ in self.files} | {key for key, _ in self.refused}


@dataclass(frozen=True, slots=True)
class _Draft:
    """A document that was read and is to be published."""

    document: Document
    revision: str
    passages: tuple[Passage, ...]


def ingest(
    path: Path,
    *,
    tenant: str,
    shelf: Shelf,
    settings: KnowledgeSettings,
    place: ModelPlace,
    name: str | None = None,
    alone: bool = False,
    progress: Progress = lambda stage, done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> IngestReport:
    """Bring what is served of ``path`` (a folder, or one file) up to date. ``name`` stands for an uploaded file's own.

    ``alone``: of all folders only this one is served from now on; uploads stay.

    Raises ``KnowledgeUnavailable`` when the index does not answer, ``KnowledgeError`` when the model cannot be used,
    ``UnreadableDocument`` when ``path`` is not there, ``IngestCancelled``. May be repeated after any of them.
    """
    begun = time.monotonic()
    known = {record.document.id: record for record in shelf.records(tenant)}
    origin = upload(path, name) if name is not None else origin_of(path, {record.root for record in known.values()})
    with _Ingestion(tenant, shelf, settings, place, progress, cancelled) as work:
        work.move()
        drafts = work.read(origin, known)
        work.store(drafts, origin.root)
    removed = [key for key, record in known.items() if _vanished(origin, key, record, alone)]
    shelf.withdraw(tenant, removed)
    _sweep(shelf, tenant, {record.model for record in known.values()} | {place.name})
    fresh = {draft.document.id for draft in drafts}
    return IngestReport(
        added=tuple(sorted(fresh - known.keys())),
        changed=tuple(sorted(fresh & known.keys())),
        unchanged=tuple(work.unchanged),
        removed=tuple(sorted(removed)),
        failed=(*origin.refused, *work.failed),
        ignored=origin.ignored,
        passages=sum(len(draft.passages) for draft in drafts),
        seconds=time.monotonic() - begun,
    )


def remove(document: str, *, tenant: str, shelf: Shelf) -> bool:
    """Stop serving one document at once and clear it away. Returns whether there was one."""
    found = [record for record in shelf.records(tenant) if record.document.id == document]
    shelf.withdraw(tenant, [record.document.id for record in found])
    if found:
        _sweep(shelf, tenant, {record.model for record in found})
    return bool(found)


def _sweep(shelf: Shelf, tenant: str, models: set[str]) -> None:
    now = time.time()
    while shelf.sweep(tenant, sorted(models), now):
        pass


def origin_of(path: Path, known_roots: set[str]) -> Origin:
    """The files under a folder, or the one file; a file inside a folder that is known keeps its id from there."""
    path = path.expanduser().resolve()
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise UnreadableDocument(f"{path} is neither a file nor a folder")
    homes = [Path(root) for root in known_roots if root.startswith("/") and path.is_relative_to(root)]
    home = max(homes, key=lambda home: len(home.parts), default=path.parent)
    return Origin(root=str(home), files=((_id(path.relative_to(home)), path),), whole=False)


def upload(path: Path, name: str) -> Origin:
    """One file that came by itself, under the name that it was given."""
    return Origin(root=UPLOADS, files=((_id(Path(Path(name).name or "upload")), path),), whole=False)


def _folder(folder: Path) -> Origin:
    files: list[tuple[str, Path]] = []
    ignored: list[str] = []
    refused: list[tuple[str, str]] = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if any(part.startswith((".", "~$")) for part in inside.parts) or not path.is_file():
            continue
        if not path.resolve().is_relative_to(folder):
            refused.append((_id(inside), f"{inside} is a link out of the folder; copy the file into it"))
        elif path.suffix.lower() in SUFFIXES:
            files.append((_id(inside), path))
        else:
            ignored.append(_id(inside))
    return Origin(str(folder), tuple(files), whole=True, ignored=tuple(ignored), refused=tuple(refused))


def _id(inside: Path) -> str:
    """A document's id: composed Hangul, because a Mac names the same file differently."""
    return unicodedata.normalize("NFC", inside.as_posix())


def _vanished(origin: Origin, key: str, record: Record, alone: bool) -> bool:
    ours = record.root == origin.root or (alone and record.root != UPLOADS)
    return origin.whole and ours and key not in origin.present


class _Ingestion:
    """The steps of one ingestion."""

    def __init__(
        self,
        tenant: str,
        shelf: Shelf,
        settings: KnowledgeSettings,
        place: ModelPlace,
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> None:
        self._tenant = tenant
        self._shelf = shelf
        self._settings = settings
        self._place = place
        self._progress = progress
        self._cancelled = cancelled
        self._opened = ExitStack()
        self.unchanged: list[str] = []
        self.failed: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @cached_property
    def _preparing(self) -> Preparing:
        """The preparing process, started when there is anything to prepare."""
        return self._opened.enter_context(Preparing(self._place, self._settings.embed_batch))

    def move(self) -> None:
        """Let what is served already be served by the configured model and the current format."""
        mover = Mover(self._shelf, lambda: self._preparing, self._step)
        for language in LANGUAGES:
            mover.to(configured(self._settings, self._place, self._tenant, language))

    def read(self, origin: Origin, known: Mapping[str, Record]) -> list[_Draft]:
        """Drafts of all files that are new or changed."""
        drafts: list[_Draft] = []
        total = len(origin.files)
        with Reading(from_settings(self._settings)) as reading:
            for done, (key, path) in enumerate(origin.files):
                self._step("read", done, total)
                try:
                    draft = self._draft(key, path, known.get(key), reading)
                except UnreadableDocument as error:
                    self.failed.append((key, str(error)))
                    continue
                if draft is not None:
                    drafts.append(draft)
                else:
                    self.unchanged.append(key)
                    self._adopt(known[key], origin.root)
        self._step("read", total, total)
        return drafts

    def store(self, drafts: Sequence[_Draft], root: str) -> None:
        """Prepare, stage and publish the drafts, one document after the other."""
        if not drafts:
            return
        total = sum(len(draft.passages) for draft in drafts)
        done = 0
        for stored, draft in enumerate(drafts):
            self._step("store", stored, len(drafts))
            space = self._space(draft.document.language)
            for start in range(0, len(draft.passages), BATCH):
                self._step("embed", done, total)
                batch = draft.passages[start : start + BATCH]
                self._shelf.stage(space, self._preparing.entries(space, batch, draft.revision, time.time()))
                done += len(batch)
            self._shelf.publish(
                self._tenant, Record(draft.document, draft.revision, root, space.model, len(draft.passages))
            )
        self._step("embed", total, total)
        self._step("store", len(drafts), len(drafts))

    def _draft(self, key: str, path: Path, known: Record | None, reading: Reading) -> _Draft | None:
        digest = _digest(path, self._settings.file_bytes)
        revision = self._revision(digest)
        if known is not None and known.revision == revision:
            return None
        source = reading.read(path, key)
        document = Document(
            id=key,
            title=title_of(source, _spoken_name(key)),
            language=language_of(source),
            digest=digest,
            valid_from=source.valid_from,
            valid_until=source.valid_until,
            audience=source.audience,
            channels=source.channels,
        )
        passages = cut(source, document, self._settings.passage_words)
        if not passages:
            raise UnreadableDocument(f"{key} yields no text; there is nothing in it that could answer anybody")
        return _Draft(document, revision, passages)

    def _revision(self, digest: str) -> str:
        """Names a document's content together with what decides how it is cut; how passages are found is the space's
        affair."""
        rules = f"{chunking.VERSION}/{self._settings.passage_words}"
        return hashlib.sha256(f"{digest} {rules}".encode()).hexdigest()[:16]

    def _space(self, language: str) -> Space:
        space = configured(self._settings, self._place, self._tenant, language)
        return replace(space, dimension=self._preparing.model()) if space.model else space

    def _adopt(self, record: Record, root: str) -> None:
        """A folder that has moved takes its documents along."""
        if record.root != root:
            self._shelf.publish(self._tenant, replace(record, root=root))

    def _step(self, stage: str, done: int, total: int) -> None:
        if self._cancelled():
            raise IngestCancelled("the ingestion was cancelled; what was published until then is served")
        self._progress(stage, done, total)


def _digest(path: Path, most: int) -> str:
    try:
        if path.stat().st_size > most:
            return ""  # too large to be read anyway: the reader says so
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableDocument(f"{path.name} cannot be opened: {error.strerror or error}") from error


def _spoken_name(key: str) -> str:
    """A title from a file's name, for a source that has none."""
    return " ".join(Path(key).stem.replace("-", " ").replace("_", " ").split()) or key
