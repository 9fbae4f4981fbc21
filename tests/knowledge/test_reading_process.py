from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from knowledge.limits import ReadLimits
from knowledge.reading_process import answer, refuse

ROOT = Path(__file__).parents[2]


def test_a_file_is_answered_with_its_source_or_with_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.reading_process.allow_processor_time", lambda seconds: None)
    (tmp_path / "a.txt").write_text("Two days.")
    good = answer({"path": str(tmp_path / "a.txt"), "name": "a.txt"}, ReadLimits())
    assert good["source"]["blocks"] == [["paragraph", "Two days."]]
    bad = answer({"path": str(tmp_path / "b.txt"), "name": "b.txt"}, ReadLimits())
    assert "b.txt cannot be opened" in bad["error"]


@pytest.mark.parametrize("event", ["socket.connect", "subprocess.Popen", "os.system", "os.remove", "os.fork"])
def test_what_a_document_may_not_cause_is_refused(event: str) -> None:
    with pytest.raises(PermissionError):
        refuse(event, ())


def test_reading_is_allowed_and_writing_is_not(tmp_path: Path) -> None:
    import os

    refuse("open", (str(tmp_path), "r", os.O_RDONLY))
    refuse("open", (5, "wb", os.O_WRONLY))
    with pytest.raises(PermissionError):
        refuse("open", (str(tmp_path), "w", os.O_WRONLY | os.O_CREAT))


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "open('written.txt', 'w')",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')",
    ],
)
def test_a_confined_process_has_no_way_back(tmp_path: Path, attempt: str) -> None:
    limits = json.dumps(asdict(ReadLimits()))
    script = (
        "import json; from knowledge.limits import ReadLimits; from knowledge.reading_process import confine\n"
        f"confine(ReadLimits(**json.loads({limits!r})))\n"
        f"try: exec({attempt!r})\n"
        "except PermissionError: print('refused')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "refused", done.stderr
    assert list(tmp_path.iterdir()) == []
