from __future__ import annotations

import os
import time
from pathlib import Path

from gateway.telephony.sip.trace import TracedGap, TracedMessage, TracedNote
from gateway.telephony.sip.trace_files import TraceFiles

ENTRIES = (
    TracedMessage(1.0, True, "UDP", "a:1", "b:2", "INVITE sip:한빛@b SIP/2.0\r\n\r\n"),
    TracedGap(3),
    TracedNote(2.0, "RTP received"),
)


def test_what_was_written_is_read_by_its_call_id_again(tmp_path: Path) -> None:
    files = TraceFiles(tmp_path / "traces")
    files.write("1-22@127.0.0.1", ENTRIES)
    kept = files.read("1-22@127.0.0.1")
    assert kept is not None
    assert kept.entries == ENTRIES
    assert files.read("unknown") is None


def test_a_call_id_from_outside_chooses_no_path(tmp_path: Path) -> None:
    files = TraceFiles(tmp_path / "traces")
    files.write("../../etc/\x00\ud800", ENTRIES)
    [path] = (tmp_path / "traces").iterdir()
    assert path.suffix == ".jsonl"
    assert path.stat().st_mode & 0o077 == 0
    assert (tmp_path / "traces").stat().st_mode & 0o077 == 0


def test_a_later_writing_stands_in_place_of_the_earlier(tmp_path: Path) -> None:
    files = TraceFiles(tmp_path)
    files.write("1", ENTRIES[:1])
    files.write("1", ENTRIES)
    assert [len(trace.entries) for trace in files.latest(10)] == [3]


def test_the_oldest_are_deleted_when_they_are_too_many_or_too_old(tmp_path: Path) -> None:
    files = TraceFiles(tmp_path, most=2, days=1)
    now = time.time()
    for age, name in enumerate(("newest", "second", "third")):
        files.write(name, ENTRIES)
        [path] = [path for path in tmp_path.iterdir() if path.stat().st_mtime > now - 1]
        os.utime(path, (now - 100 * age - 10, now - 100 * age - 10))
    assert [trace.call_id for trace in files.latest(5)] == ["newest", "second", "third"]
    assert files.prune(now) == 1
    assert [trace.call_id for trace in files.latest(5)] == ["newest", "second"]
    assert files.prune(now + 2 * 86_400) == 2
    assert files.latest(5) == []


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    files = TraceFiles(tmp_path / "none")
    assert files.latest(5) == []
    assert files.prune(0.0) == 0
