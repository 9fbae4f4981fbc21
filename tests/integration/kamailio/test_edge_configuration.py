"""The files that are shipped: valid with everything on and everything off, and the two scripts beside them."""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from tests.integration.kamailio.edge import FOLDER, REALM, Edge

ROUTES = sorted((FOLDER / "routes").glob("*.cfg"))


def checked(folder: Path, **changes: str) -> str:
    """What Kamailio says of the configuration; it says so itself when that is wrong."""
    edge = Edge(folder, ["sip:127.0.0.1:5070"], changes)
    done = subprocess.run(
        [FOLDER / "run", "-c"], env=edge.environment, capture_output=True, text=True, timeout=30, check=False
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output[-2000:]
    return output


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"EDGE_TLS": "tls:127.0.0.1:5061"},
        {"EDGE_TCP": "", "EDGE_METRICS": "", "EDGE_REALM": "", "EDGE_TLS": ""},
    ],
    ids=["as shipped", "with TLS", "with nothing but UDP"],
)
def test_the_configuration_is_valid(tmp_path: Path, changes: dict[str, str]) -> None:
    output = checked(tmp_path, **changes)
    assert "config file ok" in output
    assert not re.search("WARNING|ERROR|CRITICAL", output), output


def test_every_variable_is_described_and_used() -> None:
    text = (FOLDER / "edge.env").read_text()
    variables = re.findall(r"^(EDGE_\w+)=", text, re.MULTILINE)
    users = "".join(path.read_text() for path in (FOLDER / "kamailio.cfg", FOLDER / "run", FOLDER / "edgectl", *ROUTES))
    assert [variable for variable in variables if variable not in users] == []
    assert {name for name in re.findall(r"\bEDGE_[A-Z_]+\b", users) if name not in variables} <= {"EDGE_"}


def test_every_route_is_called_and_every_module_is_needed() -> None:
    text = "".join(path.read_text() for path in (FOLDER / "kamailio.cfg", *ROUTES))
    defined, called = (
        set(re.findall(rf"{before}(\w+){after}", text))
        for before, after in ((r"\nroute\[", r"\]"), (r"[^_]route\(", r"\)"))
    )
    assert defined == called
    functions = {
        "db_text": "text://", "ctl": "binrpc", "tm": "t_relay", "tmx": "t_precheck_trans", "sl": "sl_send_reply",
        "rr": "record_route", "pv": "shvset", "maxfwd": "mf_process_maxfwd_header", "textops": "append_hf",
        "siputils": "has_totag", "sanity": "sanity_check", "xlog": "xlog(", "htable": "$sht(", "mtree": "mt_match",
        "permissions": "allow_source_address", "pike": "pike_check_req", "dialog": "dlg_manage",
        "dispatcher": "ds_select_dst", "xhttp": "xhttp_reply", "xhttp_prom": "prom_dispatch", "tls": "enable_tls",
    }  # fmt: skip
    loaded = re.findall(r'^loadmodule "(\w+)\.so"', text, re.MULTILINE)
    assert sorted(loaded) == sorted(functions)
    assert [module for module in loaded if functions[module] not in text] == []


def test_a_users_line_holds_hashes_and_no_password(tmp_path: Path) -> None:
    edge = Edge(tmp_path, [])
    done = subprocess.run(
        [FOLDER / "edgectl", "user", "alice"],
        input="open sesame\n", env=edge.environment, capture_output=True, text=True, timeout=10, check=True,
    )  # fmt: skip
    name, md5, sha256 = done.stdout.strip().split(":")
    secret = f"alice:{REALM}:open sesame".encode()
    assert (name, md5, sha256) == ("alice", hashlib.md5(secret).hexdigest(), hashlib.sha256(secret).hexdigest())


def test_edgectl_says_what_it_can_do() -> None:
    done = subprocess.run([FOLDER / "edgectl"], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 2
    for command in ("gateways", "drain", "resume", "calls", "banned", "forgive", "reload", "user"):
        assert re.search(rf"^ +{command}\b", done.stdout, re.MULTILINE), done.stdout


async def test_edgectl_does_not_drain_what_is_not_there(tmp_path: Path) -> None:
    edge = Edge(tmp_path, ["sip:127.0.0.1:5070"])
    await edge.start()
    try:
        with pytest.raises(AssertionError, match=r"there are:\nsip:127\.0\.0\.1:5070"):
            edge.edgectl("drain", "sip:127.0.0.1:5099")
    finally:
        edge.stop()
