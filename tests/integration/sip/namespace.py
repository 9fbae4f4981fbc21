"""A network of our own: a namespace with one cable to us, for clients that do not speak over the loopback address."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PREFIX = "aicc-sip-"
OURS, THEIRS = "10.203.113.1", "10.203.113.2"


@dataclass(frozen=True, slots=True)
class Namespace:
    """``ours`` is our address on the cable, ``theirs`` the address of whoever runs in it."""

    name: str
    ours: str = OURS
    theirs: str = THEIRS

    @property
    def inside(self) -> tuple[str, ...]:
        """What a command is run by, to run in it."""
        return ("ip", "netns", "exec", self.name)


@contextmanager
def namespace() -> Iterator[Namespace]:
    """One, with its cable; both are gone in the end. Skips the test where we may make none."""
    if shutil.which("ip") is None:
        pytest.skip("ip is not installed; on Debian: apt-get install iproute2")
    if os.geteuid() != 0:
        pytest.skip("only root may make network namespaces")
    _clear_away()
    made = Namespace(f"{PREFIX}{os.getpid()}")
    cable = f"aiccsip{os.getpid() % 100_000}"
    if (failed := _ip("netns", "add", made.name)) is not None:
        pytest.skip(f"no network namespaces here: {failed}")
    try:
        for words in (
            f"link add {cable} type veth peer name phone netns {made.name}",
            f"addr add {OURS}/30 dev {cable}",
            f"link set {cable} up",
            f"-n {made.name} addr add {THEIRS}/30 dev phone",
            f"-n {made.name} link set phone up",
            f"-n {made.name} link set lo up",
            f"-n {made.name} route add default via {OURS}",
        ):
            if (failed := _ip(*words.split())) is not None:
                pytest.skip(f"no network namespaces here: {words}: {failed}")
        yield made
    finally:
        _ip("netns", "del", made.name)
        _ip("link", "del", cable)


def _ip(*words: str) -> str | None:
    """What went wrong."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, timeout=10, check=False)
    return done.stderr.strip() or "failed" if done.returncode else None


def _clear_away() -> None:
    """Namespaces of test runs that were killed."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, timeout=10, check=False).stdout
    for name, pid in re.findall(rf"^({PREFIX}(\d+))\b", listed, re.MULTILINE):
        if not Path(f"/proc/{pid}").exists():
            _ip("netns", "del", name)
