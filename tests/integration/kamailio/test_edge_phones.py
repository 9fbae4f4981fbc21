"""Telephones that others have made sign in: our own words about digests are not the only proof."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.telephony.trunk import NotReached, TrunkOrder
from tests.clients import require
from tests.gateway.telephony.sip.endpoints import free_port as free_sip_port
from tests.gateway.telephony.sip.endpoints import needs_the_stack, place, settings
from tests.integration.kamailio.edge import PASSWORD, USER, Edge
from tests.integration.kamailio.sip import until
from tests.integration.kamailio.stage import Stage
from tests.integration.sip.programs import program
from tests.ports import free_port

CONFIG = """\
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
audio_source ausine,440
audio_player aubridge,nobody
module_path /usr/lib/baresip/modules
module g711.so
module ausine.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""


async def dialled(folder: Path, edge: Edge, password: str, over: Callable[[str], bool]) -> str:
    """What baresip says while it calls, until it is told to end because something is so."""
    folder.mkdir()
    (folder / "config").write_text(CONFIG.format(port=free_port()))
    (folder / "accounts").write_text(
        f"<sip:{USER}@127.0.0.1:{edge.port}>;regint=0;audio_codecs=PCMU/8000/1;auth_user={USER};auth_pass={password}\n"
    )
    (folder / "contacts").touch()
    (folder / "uuid").write_text("11111111-2222-3333-4444-555555555555")
    command = ("baresip", "-4", "-f", str(folder), "-e", f"/dial {edge.number()}")
    async with program(*command, folder=folder, life=60) as running:
        await until(lambda: over(running.said), 20, "the call is answered, or refused")
    return running.said


@pytest.mark.parametrize(("password", "calls"), [(PASSWORD, 1), ("guess", 0)], ids=["right", "wrong"])
async def test_baresip_signs_in_where_it_is_offered_what_it_knows(
    stage: Stage, tmp_path: Path, password: str, calls: int
) -> None:
    require("baresip", "baresip-core")
    edge = await stage.raised(EDGE_SHA256="")

    def over(said: str) -> bool:
        return any(gateway.of("ACK") for gateway in stage.gateways) if calls else "407" in said

    said = await dialled(tmp_path / "baresip", edge, password, over)
    assert sum(len(gateway.of("INVITE")) for gateway in stage.gateways) == calls, said
    assert sum(len(gateway.of("BYE")) for gateway in stage.gateways) == calls, said
    assert ("407" in said) == (calls == 0), said


@needs_the_stack
@pytest.mark.parametrize("off", ["EDGE_SHA256", "EDGE_MD5", None], ids=["MD5 alone", "SHA-256 alone", "both"])
async def test_the_stack_of_our_gateway_signs_in(stage: Stage, tmp_path: Path, off: str | None) -> None:
    edge = await stage.raised(**({} if off is None else {off: ""}))
    trunk = {"domain": f"127.0.0.1:{edge.port}", "user": USER, "auth_user": USER, "password": PASSWORD}
    async with place(settings(free_sip_port(), trunks={"edge": trunk}), tmp_path / "stack") as here:
        reached = await here.endpoint.trunks.call(TrunkOrder(edge.number(), "0212345678", 20.0), lambda: None)
        assert not isinstance(reached, NotReached), reached
        assert sum(len(gateway.of("INVITE")) for gateway in stage.gateways) == 1
