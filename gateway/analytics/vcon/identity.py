"""The id of a call's vCon: the same for the same call whenever it is made, and nobody else's.

A version 8 UUID as draft-ietf-vcon-vcon-core wants it (section "uuid"): the milliseconds of a version 7 UUID, and 62
bits of the SHA-1 of a host name. The name is a subdomain of its own for each call (``call.tenant.domain``), so that two
calls of one millisecond differ, and that no state has to be kept.

Refuses: chance. A vCon that is made twice has to be known for the same one.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

_VERSION, _VARIANT = 8, 0b10


def vcon_uuid(at: datetime, tenant: str, call: str, domain: str) -> UUID:
    """The id of the vCon of a call that began ``at`` (an aware time), made under ``domain``."""
    name = hashlib.sha1(f"{call}.{tenant}.{domain}".encode(), usedforsecurity=False).digest()
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    own = int.from_bytes(hashlib.sha256(name).digest()[:2]) & 0xFFF
    custom = int.from_bytes(name[:8]) >> 2
    return UUID(int=milliseconds << 80 | _VERSION << 76 | own << 64 | _VARIANT << 62 | custom)
