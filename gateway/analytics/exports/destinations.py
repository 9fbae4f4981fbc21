"""Where an export's files go: a folder, or a bucket of an S3-compatible store.

A file is made elsewhere, in the staging folder, and published whole: by a rename, or as one object that appears when
its upload is complete. So whatever has a file's name is the whole file, however the run ended. What a run that died
left in the staging folder is cleared by the next one.

Refuses: deleting and changing what was published.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.fs as pa_fs

from gateway.analytics.exports.errors import DestinationFailed, ExportRefused
from gateway.analytics.exports.settings import ExportSettings

STAGING: Final = ".staging"

S3: Final = "s3://"

CONNECT_WITHIN, ANSWER_WITHIN = 10.0, 60.0
"""Seconds that a store has to take a connection, and to answer a request."""

_FILE_MODE, _FOLDER_MODE = 0o640, 0o750
"""Exports hold what people said: nobody but the owner's group reads them."""


class Destination(Protocol):
    """A place for files with paths like ``turn/tenant=a/day=2026-03-02/x.parquet``. All methods block; all may raise
    ``DestinationFailed``."""

    place: str
    """What it is called, without secrets."""

    def staging(self, tenant: str) -> Path:
        """An empty folder on this machine, in which a tenant's files may be made; what was in it goes. Whoever calls
        holds the lock of the tenant's exports to this place."""

    def publish(self, made: Path, path: str) -> None:
        """Move a finished file to its path; whoever looks sees all of it or nothing."""

    def clear(self, tenant: str) -> None:
        """Let go of the staging folder."""

    def names(self, folder: str) -> list[str]:
        """The files that lie in a folder; none if it is not there."""

    def read(self, path: str) -> bytes:
        """A small file's content."""


class Folder:
    """A folder of this machine, or one that is mounted."""

    def __init__(self, root: Path) -> None:
        self._root = root.expanduser().resolve()
        self.place = str(self._root)

    def staging(self, tenant: str) -> Path:
        """See ``Destination``. It lies in the folder itself, so that publishing is a rename."""
        with _told(self.place):
            self._root.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
            return _emptied(self._root / STAGING / tenant)

    def publish(self, made: Path, path: str) -> None:
        """See ``Destination``."""
        with _told(self.place):
            target = self._root / path
            _make_folders(self._root, target.parent)
            made.chmod(_FILE_MODE)
            _sync(made)
            made.replace(target)
            _sync(target.parent)

    def clear(self, tenant: str) -> None:
        """See ``Destination``."""
        shutil.rmtree(self._root / STAGING / tenant, ignore_errors=True)

    def names(self, folder: str) -> list[str]:
        """See ``Destination``."""
        with _told(self.place):
            found = self._root / folder
            return sorted(entry.name for entry in found.iterdir() if entry.is_file()) if found.is_dir() else []

    def read(self, path: str) -> bytes:
        """See ``Destination``."""
        with _told(self.place):
            return (self._root / path).read_bytes()


class Bucket:
    """A bucket, or a folder in it, of an S3-compatible store. Files are made in ``scratch`` on this machine, one at a
    time."""

    def __init__(self, url: str, settings: ExportSettings, scratch: Path) -> None:
        self._root = url.removeprefix(S3).strip("/")
        self.place = S3 + self._root
        self._scratch = scratch / hashlib.sha256(self.place.encode()).hexdigest()[:16]
        if not self._root or url.startswith(f"{S3}/"):
            raise ExportRefused(f"{url} names no bucket: write s3://BUCKET or s3://BUCKET/FOLDER")
        scheme, _, host = settings.s3_endpoint.partition("://")
        secret = settings.s3_secret_key
        with _told(self.place):
            self._store = pa_fs.S3FileSystem(
                access_key=settings.s3_access_key or None,
                secret_key=None if secret is None else secret.get_secret_value(),
                region=settings.s3_region or None,
                endpoint_override=host or None,
                scheme=scheme or "https",
                connect_timeout=CONNECT_WITHIN,
                request_timeout=ANSWER_WITHIN,
            )

    def staging(self, tenant: str) -> Path:
        """See ``Destination``."""
        with _told(self.place):
            return _emptied(self._scratch / tenant)

    def publish(self, made: Path, path: str) -> None:
        """See ``Destination``. What did not arrive whole is taken away again."""
        key = f"{self._root}/{path}"
        with _told(self.place):
            try:
                with made.open("rb") as source, self._store.open_output_stream(key) as sink:
                    shutil.copyfileobj(source, sink, 1024 * 1024)
            except BaseException:
                self._take_away(key)
                raise
            size = self._store.get_file_info(key).size
            if size != made.stat().st_size:
                self._take_away(key)
                raise DestinationFailed(f"{self.place} has {size} bytes of {path} instead of {made.stat().st_size}")
        made.unlink()

    def clear(self, tenant: str) -> None:
        """See ``Destination``."""
        shutil.rmtree(self._scratch / tenant, ignore_errors=True)

    def names(self, folder: str) -> list[str]:
        """See ``Destination``."""
        with _told(self.place):
            selected = pa_fs.FileSelector(f"{self._root}/{folder}", allow_not_found=True)
            found = self._store.get_file_info(selected)
            return sorted(entry.base_name for entry in found if entry.type == pa_fs.FileType.File)

    def read(self, path: str) -> bytes:
        """See ``Destination``."""
        with _told(self.place), self._store.open_input_stream(f"{self._root}/{path}") as source:
            content: bytes = source.read()
            return content

    def _take_away(self, key: str) -> None:
        try:
            self._store.delete_file(key)
        except OSError:
            return  # it has never appeared


def destination(out: str, settings: ExportSettings, scratch: Path) -> Destination:
    """The destination that somebody has named: a folder, or ``s3://bucket/folder``, for which files are made in
    ``scratch``. Raises ``ExportRefused``."""
    if out.startswith(S3):
        return Bucket(out, settings, scratch)
    if "://" in out:
        raise ExportRefused(f"{out} is neither a folder nor s3://BUCKET/FOLDER")
    return Folder(Path(out))


@contextmanager
def _told(place: str) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise DestinationFailed(f"{place} does not take or give files: {error}") from error


def _make_folders(root: Path, folder: Path) -> None:
    """Like ``mkdir(parents=True)``, with the mode for each of them."""
    for parent in [*reversed(folder.relative_to(root).parents), folder.relative_to(root)]:
        (root / parent).mkdir(exist_ok=True, mode=_FOLDER_MODE)


def _emptied(folder: Path) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
