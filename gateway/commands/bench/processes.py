"""Processes as Linux shows them in /proc: which core they may use, how much of it they used, how much memory they hold.

Refuses: any system but Linux. Elsewhere the figures of a process are not measured, and said not to be.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")

# Fields of /proc/PID/stat after the name in brackets (proc(5)).
_PARENT, _USER, _SYSTEM = 1, 11, 12


@dataclass(frozen=True, slots=True)
class Cores:
    """Which cores do what. ``shared``: there is only one, so that figures cannot be compared with others'."""

    measured: int
    others: frozenset[int]

    @property
    def shared(self) -> bool:
        """Whether the load runs on the measured core."""
        return self.measured in self.others


@dataclass(frozen=True, slots=True)
class CoreTimes:
    """Seconds that a core has been busy, and was taken from this machine by its host (steal), since boot."""

    busy: float
    stolen: float


def divide(cores: set[int]) -> Cores:
    """The last core is measured, the others do all the rest."""
    measured = max(cores)
    return Cores(measured, frozenset(cores - {measured} or cores))


def cpu_seconds(pid: int) -> float | None:
    """User and system time of a process, its children apart; none when it is gone."""
    fields = _stat(PROC / str(pid))
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS if fields else None


def memory_mb(pid: int) -> float | None:
    """Resident memory of a process in MiB; none when it is gone."""
    with suppress(OSError):
        for line in (PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return None


def descendants(pid: int) -> list[int]:
    """The children of a process, and theirs."""
    parents: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(entry)):
            parents.setdefault(int(fields[_PARENT]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def working_in(folder: Path) -> list[int]:
    """Processes whose working directory lies in ``folder``, as PostgreSQL's does in its data."""
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if (entry / "cwd").readlink().is_relative_to(folder):
                    found.append(int(entry.name))
    return found


def pin(pid: int, cores: frozenset[int]) -> None:
    """Let all threads of a process run on these cores only; what they start later inherits it."""
    with suppress(OSError):
        for thread in (PROC / str(pid) / "task").iterdir():
            os.sched_setaffinity(int(thread.name), cores)


def core_times(core: int) -> CoreTimes | None:
    """What a core has done since boot (``/proc/stat``: user nice system idle iowait irq softirq steal)."""
    with suppress(OSError):
        for line in (PROC / "stat").read_text().splitlines():
            if line.startswith(f"cpu{core} "):
                user, nice, system, _, _, irq, soft, steal = (int(value) / _TICKS for value in line.split()[1:9])
                return CoreTimes(user + nice + system + irq + soft, steal)
    return None


def _stat(entry: Path) -> list[str]:
    with suppress(OSError):
        return (entry / "stat").read_text().rpartition(")")[2].split()
    return []
