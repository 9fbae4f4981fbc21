from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.commands.bench import processes

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are read from /proc")
GONE = 2**22 + 1


def test_one_core_is_measured_and_the_others_do_the_rest() -> None:
    assert processes.divide({0, 1, 2}) == processes.Cores(2, frozenset({0, 1}))
    assert not processes.divide({0, 1}).shared
    assert processes.divide({3}).shared


def test_what_a_process_uses_is_read() -> None:
    before = processes.cpu_seconds(os.getpid())
    busy = time.process_time() + 0.05
    while time.process_time() < busy:
        pass
    after = processes.cpu_seconds(os.getpid())
    assert before is not None
    assert after is not None
    assert 0.02 <= after - before < 5.0
    memory = processes.memory_mb(os.getpid())
    assert memory is not None
    assert memory > 5


def test_a_process_that_is_gone_has_no_figures() -> None:
    assert processes.cpu_seconds(GONE) is None
    assert processes.memory_mb(GONE) is None
    processes.pin(GONE, frozenset({0}))


def test_children_are_found_where_they_work_and_pinned(tmp_path: Path) -> None:
    core = min(os.sched_getaffinity(0))
    with subprocess.Popen([sys.executable, "-c", "input()"], cwd=tmp_path, stdin=subprocess.PIPE) as child:
        try:
            assert child.pid in processes.descendants(os.getpid())
            assert processes.working_in(tmp_path) == [child.pid]
            processes.pin(child.pid, frozenset({core}))
            assert os.sched_getaffinity(child.pid) == {core}
        finally:
            child.kill()


def test_what_a_core_has_done_only_grows() -> None:
    core = min(os.sched_getaffinity(0))
    first, second = processes.core_times(core), processes.core_times(core)
    assert first is not None
    assert second is not None
    assert second.busy >= first.busy > 0
    assert processes.core_times(100_000) is None
