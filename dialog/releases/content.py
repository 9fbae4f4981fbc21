"""What a release is made of: a tenant's files by their digests, and the models that they were tried with. Pure, but
for reading and writing folders.

A release is named by the SHA-256 of its manifest, which holds the SHA-256 of every file: the same content has the same
name on every machine, and what has that name has that content. It can be laid out as a folder again at any time.

Refuses: links, files that nobody meant to release (hidden ones, example calls and services), more than a release should
hold; and what does not have the digest that it is named by.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from dialog.errors import ReleaseInvalid

SCHEMA: Final = 1
LARGEST_FILE: Final = 16 * 1024 * 1024
LARGEST_RELEASE: Final = 256 * 1024 * 1024
"""Bytes."""
MOST_FILES: Final = 10_000
NAMEPLATE: Final = "release.json"
"""In a folder that a release was laid out as: its manifest."""
NOT_RELEASED: Final = frozenset({"calls", "services", NAMEPLATE})
"""What lies in a tenant's folder and does not decide how conversations go."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A release's table of contents: SHA-256 by file (paths as in POSIX), and the ``models`` by what they do."""

    tenant: str
    files: Mapping[str, str]
    models: Mapping[str, str]

    @property
    def id(self) -> str:
        """The release's name."""
        return hashlib.sha256(self.as_json()).hexdigest()

    @property
    def shape(self) -> dict[str, Any]:
        """As plain data; ``read_manifest`` reads it."""
        return {"schema": SCHEMA, "tenant": self.tenant, "files": dict(self.files), "models": dict(self.models)}

    def as_json(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, UTF-8."""
        return json.dumps(self.shape, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Content:
    """A release whole: its manifest, and the bytes of each file by digest."""

    manifest: Manifest
    blobs: Mapping[str, bytes]

    def text(self, path: str) -> list[str]:
        """A file's lines; none where there is no such file. What is not text is told by its digest."""
        digest = self.manifest.files.get(path)
        if digest is None:
            return []
        try:
            return self.blobs[digest].decode().splitlines()
        except UnicodeDecodeError:
            return [f"(not text, sha256 {digest})"]


def read_content(folder: Path, tenant: str, models: Mapping[str, str]) -> Content:
    """All that is released of a tenant's folder. Raises ``ReleaseInvalid`` that names the file."""
    files: dict[str, str] = {}
    blobs: dict[str, bytes] = {}
    room = LARGEST_RELEASE
    for path in _released(folder):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise ReleaseInvalid(f"{path} is a link; a release holds what it is made of: put the file itself there")
        size = path.stat().st_size
        room -= size
        if size > LARGEST_FILE or room < 0 or len(files) >= MOST_FILES:
            raise ReleaseInvalid(
                f"{path} does not fit: a file of at most {LARGEST_FILE} bytes, a release of at most {LARGEST_RELEASE} "
                f"bytes in {MOST_FILES} files"
            )
        content = path.read_bytes()
        files[name] = hashlib.sha256(content).hexdigest()
        blobs[files[name]] = content
    if "tenant.yaml" not in files:
        raise ReleaseInvalid(f"{folder} is no tenant's folder: it has no tenant.yaml")
    return Content(Manifest(tenant, files, dict(models)), blobs)


def read_manifest(shape: Mapping[str, Any]) -> Manifest:
    """A manifest from its JSON. Raises ``ReleaseInvalid``."""
    try:
        if shape["schema"] != SCHEMA:
            raise ReleaseInvalid(f"the release has schema {shape['schema']}, and {SCHEMA} is read here: update aicc")
        manifest = Manifest(str(shape["tenant"]), dict(shape["files"]), dict(shape["models"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ReleaseInvalid(f"this is no manifest of a release: {error!r}") from error
    for name in manifest.files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ReleaseInvalid(f"the release names a file outside of itself: {name}")
    return manifest


def lay_out(content: Content, target: Path) -> None:
    """Make ``target`` the folder of a release, whatever stood there before; it says of itself which one it is.

    It is made beside its place and then put there, so what stands there is whole. Raises ``ReleaseInvalid`` when a file
    is not what its digest says.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unborn = Path(tempfile.mkdtemp(prefix=".unborn-", dir=target.parent))
    for name, digest in content.manifest.files.items():
        blob = content.blobs[digest]
        if hashlib.sha256(blob).hexdigest() != digest:
            raise ReleaseInvalid(f"{name} of release {content.manifest.id[:12]} is not what its digest says")
        (unborn / name).parent.mkdir(parents=True, exist_ok=True)
        (unborn / name).write_bytes(blob)
    (unborn / NAMEPLATE).write_bytes(content.manifest.as_json())
    if target.is_dir():
        aside = Path(tempfile.mkdtemp(prefix=".former-", dir=target.parent))
        target.rename(aside / target.name)
        unborn.rename(target)
        shutil.rmtree(aside)
    else:
        unborn.rename(target)


def name_of(folder: Path) -> str | None:
    """The release that a folder was laid out as; ``None`` for a folder that is none."""
    plate = folder / NAMEPLATE
    return read_manifest(json.loads(plate.read_bytes())).id if plate.is_file() else None


def difference(old: Content, new: Content) -> Iterator[str]:
    """What changed from one release to another, line by line: models, then files as unified diffs."""
    for part in sorted({*old.manifest.models, *new.manifest.models}):
        before, after = old.manifest.models.get(part, "none"), new.manifest.models.get(part, "none")
        if before != after:
            yield f"model {part}: {before} -> {after}"
    for path in sorted({*old.manifest.files, *new.manifest.files}):
        if old.manifest.files.get(path) != new.manifest.files.get(path):
            here, there = (path if path in content.manifest.files else "/dev/null" for content in (old, new))
            yield from difflib.unified_diff(old.text(path), new.text(path), here, there, n=2, lineterm="")


def _released(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        meant = parts[0] not in NOT_RELEASED and not any(part.startswith((".", "__pycache__")) for part in parts)
        if meant and (path.is_symlink() or not path.is_dir()):
            yield path
