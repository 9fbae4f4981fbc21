"""A sealed file holds what was written where it was written, tells what was done to it, and survives a kill."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.storage.envelope import new_key
from infra.storage.errors import SealBroken
from infra.storage.sealed_file import PAGE, PIECE, Owner, SealedReader, SealedWriter, mend, torn

OWNER = Owner("t/c1", new_key())


def written(path: Path, content: bytes, owner: Owner = OWNER) -> Path:
    writer = SealedWriter(path, owner, {"rate": 8000})
    writer.write(0, content)
    writer.close()
    return path


def read(path: Path, owner: Owner = OWNER) -> bytes:
    reader = SealedReader(path, owner)
    try:
        return reader.read(0, reader.size)
    finally:
        reader.close()


def pieces(count: float) -> bytes:
    return random.Random(7).randbytes(round(count * PIECE))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 10 * PIECE + 7])
def test_what_was_written_is_read_again(tmp_path: Path, size: int) -> None:
    content = random.Random(size).randbytes(size)
    path = written(tmp_path / "a" / "f", content)
    assert read(path) == content
    assert path.stat().st_size % PAGE == 0
    assert path.stat().st_mode & 0o077 == path.parent.stat().st_mode & 0o077 == 0


def test_wherever_and_in_whatever_order_it_is_written_it_reads_as_a_plain_file_would(tmp_path: Path) -> None:
    chance, plain = random.Random(1), bytearray()
    writer = SealedWriter(tmp_path / "f", OWNER, {})
    for _ in range(400):
        offset, size = chance.randrange(0, 12 * PIECE), chance.choice([1, 100, PIECE, 3 * PIECE + 5])
        content = chance.randbytes(size)
        plain.extend(bytes(max(0, offset + size - len(plain))))
        plain[offset : offset + size] = content
        writer.write(offset, content)
        assert writer.size == len(plain)
    start = chance.randrange(len(plain))
    assert writer.read(start, 5_000) == plain[start : start + 5_000]
    writer.close()
    assert read(tmp_path / "f") == plain


def test_any_part_of_it_is_read_without_the_rest(tmp_path: Path) -> None:
    content = pieces(8.3)
    reader = SealedReader(written(tmp_path / "f", content), OWNER)
    for start, size in ((0, 1), (PIECE - 1, 2), (3 * PIECE, PIECE), (5, 7 * PIECE), (len(content) - 1, 50)):
        assert reader.read(start, size) == content[start : start + size]
    assert reader.read(len(content) + 5, 10) == b""
    assert (reader.size, reader.about["rate"]) == (len(content), 8000)
    reader.close()


def test_nothing_of_it_lies_there_in_the_clear(tmp_path: Path) -> None:
    path = written(tmp_path / "f", b"4111-1111-1111-1111" * 1000)
    assert b"4111-1111" not in path.read_bytes()
    assert b"8000" not in path.read_bytes()


def test_the_same_content_never_looks_the_same(tmp_path: Path) -> None:
    writer = SealedWriter(tmp_path / "f", OWNER, {})
    seen = set()
    for _ in range(50):
        writer.write(0, bytes(PIECE))
        seen.add((tmp_path / "f").read_bytes()[PAGE:])
    writer.close()
    assert len(seen) == 50


def swap(data: bytes) -> bytes:
    return data[:PAGE] + data[2 * PAGE : 3 * PAGE] + data[PAGE : 2 * PAGE] + data[3 * PAGE :]


def flip(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    "change",
    [
        swap,
        lambda data: data[:-PAGE],
        lambda data: data[:-1],
        lambda data: data[: 2 * PAGE] + data[3 * PAGE :],
        lambda data: data + data[-PAGE:],
        lambda data: data[:PAGE] + bytes(PAGE) + data[2 * PAGE :],
        lambda data: data[:8] + b"O" + data[9:],
        lambda data: data[:PAGE],
        lambda data: data[:100],
        lambda data: b"",
        lambda data: b"RIFF" + data[4:],
        flip(20),
        flip(60),
        flip(3 * PAGE + 100),
    ],
    ids=(
        "two pages changed places;the last page is missing;the last byte is missing;a page in between is missing;"
        "a page was added;a page was emptied;it is said to be unfinished;only the head is left;not even that;nothing;"
        "it is something else;salt;head;a byte of sound"
    ).split(";"),
)
def test_whatever_is_done_to_it_is_noticed(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    path = written(tmp_path / "f", pieces(4.5))
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(SealBroken):
        read(path)


def test_a_page_of_another_file_of_the_same_owner_does_not_fit(tmp_path: Path) -> None:
    one, other = written(tmp_path / "1", pieces(3)), written(tmp_path / "2", pieces(3))
    one.write_bytes(one.read_bytes()[: 2 * PAGE] + other.read_bytes()[2 * PAGE :])
    with pytest.raises(SealBroken):
        read(one)


@pytest.mark.parametrize("owner", [Owner("t/c2", OWNER.key), Owner("t/c1", new_key())])
def test_nobody_else_opens_it(tmp_path: Path, owner: Owner) -> None:
    with pytest.raises(SealBroken):
        SealedReader(written(tmp_path / "f", b"x"), owner)


def test_a_second_one_does_not_take_the_place_of_the_first(tmp_path: Path) -> None:
    path = written(tmp_path / "f", b"first")
    with pytest.raises(FileExistsError):
        SealedWriter(path, OWNER, {})
    assert read(path) == b"first"


def test_more_about_it_than_a_page_holds_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="head"):
        SealedWriter(tmp_path / "f", OWNER, {"long": "x" * PAGE})


# --- Unfinished -------------------------------------------------------------------------------------------------------


def test_it_can_be_read_while_it_is_written_and_ends_where_it_ended_then(tmp_path: Path) -> None:
    writer = SealedWriter(tmp_path / "f", OWNER, {})
    writer.write(0, b"a" * 100)
    writer.tell()
    reader = SealedReader(tmp_path / "f", OWNER)
    writer.write(100, b"b" * 10 * PIECE)
    assert reader.read(0, 1_000_000) == b"a" * 100
    writer.close()
    reader.close()


def unfinished(path: Path, told: bytes, more: bytes = b"") -> Path:
    """A file as a kill leaves it: the head tells of a part."""
    writer = SealedWriter(path, OWNER, {})
    writer.write(0, told)
    writer.tell()
    writer.write(len(told), more)
    os.close(writer._pages.file)
    return path


def test_what_lies_behind_what_the_head_told_of_is_taken_as_far_as_it_opens(tmp_path: Path) -> None:
    told, more = pieces(2), pieces(2)
    path = unfinished(tmp_path / "f", told, more)
    assert read(path) == told + more
    data = path.read_bytes()
    path.write_bytes(data[:-100])
    assert read(path) == told + more[:PIECE], "a page that a kill cut off is not there"


def test_what_its_head_told_of_has_to_be_there(tmp_path: Path) -> None:
    path = unfinished(tmp_path / "f", pieces(3))
    path.write_bytes(path.read_bytes()[: 3 * PAGE])
    with pytest.raises(SealBroken, match="cut off"):
        read(path)


def test_mending_writes_down_for_good_what_can_be_read(tmp_path: Path) -> None:
    path = unfinished(tmp_path / "f", pieces(2), pieces(1))
    path.write_bytes(path.read_bytes() + b"half a page")
    content = read(path)
    assert torn(path)
    assert mend(path, OWNER)
    assert not torn(path)
    assert not mend(path, OWNER)
    assert read(path) == content
    path.write_bytes(path.read_bytes()[:-PAGE])
    with pytest.raises(SealBroken):
        read(path)


def test_nobody_mends_what_is_being_written(tmp_path: Path) -> None:
    writer = SealedWriter(tmp_path / "f", OWNER, {})
    assert torn(tmp_path / "f")
    assert not mend(tmp_path / "f", OWNER)
    writer.write(0, b"more")
    writer.close()
    assert read(tmp_path / "f") == b"more"


def test_what_is_no_sealed_file_is_not_mended(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"RIFF" + bytes(2 * PAGE))
    for ask in (torn, lambda path: mend(path, OWNER)):
        with pytest.raises(SealBroken):
            ask(tmp_path / "f")


KILLED = """
import sys
from pathlib import Path
from infra.storage.sealed_file import Owner, SealedWriter

writer = SealedWriter(Path(sys.argv[1]), Owner("t/c1", bytes.fromhex(sys.argv[2])), {})
n = 0
while True:
    writer.write(max(0, n - 3) * 640, bytes([n % 251]) * 2560)
    writer.tell()
    n += 1
    if n == 200:
        print("written", flush=True)
"""


def test_a_kill_at_any_moment_leaves_a_file_that_can_be_read(tmp_path: Path) -> None:
    for turn in range(3):
        path = tmp_path / str(turn)
        command = [sys.executable, "-c", KILLED, str(path), OWNER.key.hex()]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"written\n"
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        content = read(path)
        assert len(content) >= 200 * 640
        assert all(content[n * 640] == (n + 3) % 251 for n in range(190)), "what is there is where it belongs"
        assert mend(path, OWNER)
        assert read(path) == content
