"""Moving a call to another destination by the network behind its leg: what is asked for, and what can come of it.

=============  ======================================================================================================
method         what happens
=============  ======================================================================================================
``REFER``      the far end is asked to call the target itself (RFC 3515); we are out once it has
``ATTENDED``   we have called the target already and it has answered: the far end is asked to take our place in that
               call (RFC 3891)
``PROVIDER``   the platform behind the wire moves the call by means of its own: a queue, a dial plan, an update over its
               interface
=============  ======================================================================================================

That a network took the order does not mean that anybody has answered: ``Transferred`` says which of the two is known.

Refuses: who may be called, and what follows when it fails (``gateway/session/transferring.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.telephony.leg import MediaLeg


class TransferMethod(StrEnum):
    """By which means the network moves a call."""

    REFER = "refer"
    ATTENDED = "attended"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """To be moved to ``target`` (a SIP or tel URI, or a platform's own word for a destination) by ``method``.

    ``handoff`` is the id under which whoever answers finds the context; it travels in whatever way the wire has for it.
    ``headers`` are sent along where the wire has headers, ``context`` (``reason``, ``queue``, ``summary``,
    ``language``) where it has room for a few words. ``answered`` is the open leg to the target, for ``ATTENDED``.
    """

    method: TransferMethod
    target: str
    handoff: str
    within: float
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    answered: MediaLeg | None = None
    context: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Transferred:
    """The call is somebody else's. ``confirmed``: the target has answered; else the network only took the order."""

    confirmed: bool


@dataclass(frozen=True, slots=True)
class NotTransferred:
    """The call is still ours: ``reason`` in words, ``code`` the network's own number for it where it has one."""

    reason: str
    code: int | None = None


@dataclass(frozen=True, slots=True)
class TransferUnclear:
    """No answer came in time: the leg shows what became of it."""

    detail: str


TransferOutcome = Transferred | NotTransferred | TransferUnclear
