from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from gateway.analytics.webhooks.addresses import is_public, reachable
from gateway.analytics.webhooks.errors import AddressRefused


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "2002:a00:1::",
        "64:ff9b::a9fe:a9fe",
        "2001:0:a00:1::",
    ],
)
def test_what_may_be_ours_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "203.248.252.2", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_what_anybody_may_have_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "::1", "169.254.169.254"])
async def test_this_machine_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises((AddressRefused, OSError)):
        await reachable(host, 443, ())


async def test_a_network_that_was_allowed_may_be_spoken_to() -> None:
    allowed = (ip_network("127.0.0.0/8"),)
    assert await reachable("127.0.0.1", 80, allowed) == (ip_address("127.0.0.1"), True)
    with pytest.raises(AddressRefused, match="AICC_WEBHOOKS_PRIVATE_NETWORKS"):
        await reachable("10.0.0.1", 80, allowed)


async def test_a_public_address_is_none_of_ours() -> None:
    assert await reachable("1.1.1.1", 443, ()) == (ip_address("1.1.1.1"), False)
