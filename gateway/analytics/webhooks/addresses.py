"""Which addresses webhooks may be sent to: public ones, and networks that were allowed by name.

A host is looked up once, the answers are judged, and the connection goes to an address that passed: who changes their
name's address in between changes nothing. Addresses that carry others inside (IPv4 in IPv6, 6to4, Teredo, NAT64) are
judged by those as well.

Refuses: everything else, such as this machine, its cloud's metadata and the networks behind it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from gateway.analytics.webhooks.errors import AddressRefused

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")


async def reachable(host: str, port: int, allowed: Sequence[Network]) -> tuple[Address, bool]:
    """The address to speak to ``host`` at, and whether it is in a network of ours.

    Raises ``AddressRefused`` where no address may be spoken to, and ``OSError`` where there is none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, place in found:
        address = ip_address(str(place[0]).partition("%")[0])
        if is_ours(address, allowed):
            return address, True
        if is_public(address):
            return address, False
    raise AddressRefused(
        f"{host} is not a public address: allow its network in AICC_WEBHOOKS_PRIVATE_NETWORKS if it is yours"
    )


def is_ours(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether it lies in a network that was allowed."""
    return any(address in network for network in allowed)


def is_public(address: Address) -> bool:
    """Whether anybody may be there, and nobody of ours."""
    inner = _inner(address)
    return address.is_global and not address.is_multicast and all(is_public(one) for one in inner)


def _inner(address: Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inside.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    return [one for one in inside if one is not None]
