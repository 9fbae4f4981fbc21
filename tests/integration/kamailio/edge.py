"""An edge of a test's own: Kamailio with the configuration that is shipped, on free ports, with lists of the test's."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.ports import free_port

FOLDER = Path(__file__).parents[3] / "infra" / "deploy" / "kamailio"
TRUNK, STRANGER = "127.0.0.2", "127.0.0.66"
"""Addresses that callers have: a listed one, and one that nobody has listed."""

NUMBER = "15880000"
REALM = "aicc"
USER, PASSWORD = "branch-office", "correct-horse"


@dataclass
class Edge:
    """One edge, started and stopped by a test. `changes` are variables of edge.env."""

    folder: Path
    gateways: Sequence[str]
    changes: dict[str, str] = field(default_factory=dict)
    trunks: Sequence[str] = (TRUNK,)
    host: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.metrics_port = free_port()
        self.environment = {
            **os.environ,
            "EDGE_UDP": f"udp:{self.host}:{self.port}",
            "EDGE_TCP": f"tcp:{self.host}:{self.port}",
            "EDGE_METRICS": f"tcp:{self.host}:{self.metrics_port}",
            "EDGE_LISTS": str(self.folder / "lists"),
            "EDGE_RUN": str(self.folder / "run"),
            "EDGE_REALM": REALM,
            **self.changes,
        }
        self.write_lists()

    @property
    def uri(self) -> str:
        return f"sip:{self.host}:{self.port}"

    def number(self, number: str = NUMBER) -> str:
        return f"sip:{number}@{self.host}:{self.port}"

    def write_lists(self) -> None:
        lists = self.folder / "lists"
        shutil.copytree(FOLDER / "lists", lists, dirs_exist_ok=True)
        (lists / "dispatcher.list").write_text("".join(f"1 {uri} 0 0\n" for uri in self.gateways))
        (lists / "permissions.address").write_text("".join(f"1 {address} 32\n" for address in self.trunks))
        text = f"{USER}:{REALM}:{PASSWORD}".encode()
        with (lists / "users").open("a") as users:
            users.write(f"{USER}:{hashlib.md5(text).hexdigest()}:{hashlib.sha256(text).hexdigest()}\n")

    async def start(self) -> None:
        self.process = self._spawned()
        for _ in range(200):
            if self.process.poll() is not None or self.control("core.version").returncode == 0:
                break
            await asyncio.sleep(0.05)
        assert self.process.poll() is None, f"the edge did not start:\n{self.log()[-3000:]}"

    def _spawned(self) -> subprocess.Popen[bytes]:
        with (self.folder / "edge.log").open("ab") as log:
            # A session of its own, so that a process of it that misses its signal can be found; it ends when we die.
            return subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", FOLDER / "run"],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(timeout=15)
        self.process = None

    def control(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Kamailio's own remote control."""
        socket_address = f"unix:{self.folder / 'run' / 'ctl.sock'}"
        return subprocess.run(
            ["kamcmd", "-s", socket_address, *command], capture_output=True, text=True, timeout=30, check=False
        )

    def edgectl(self, *command: str) -> str:
        """The script that is shipped."""
        done = subprocess.run(
            [FOLDER / "edgectl", *command],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def state(self, gateway: str) -> str:
        """AP: takes calls; IP: does not answer; DX: drained."""
        return next(line.split()[1] for line in self.edgectl("gateways").splitlines() if line.startswith(gateway + " "))

    async def until_state(self, gateway: str, state: str, within: float = 20.0) -> float:
        begun = time.perf_counter()
        while not (now := self.state(gateway)).startswith(state):
            assert time.perf_counter() - begun < within, f"{gateway} is {now}, not {state}"
            await asyncio.sleep(0.05)
        return time.perf_counter() - begun

    def log(self) -> str:
        return (self.folder / "edge.log").read_text(errors="replace")
