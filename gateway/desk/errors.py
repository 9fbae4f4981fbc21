"""What the desk refuses, by name; the floor has errors of its own."""

from __future__ import annotations

from infra.errors import AiccError


class DeskError(AiccError):
    """A command of the desk's that is not carried out. Nothing has changed."""

    code = "desk_error"


class CallNotHere(DeskError):
    """No such call goes on at this node: it is over, or another node has it."""

    code = "no_such_call"


class NotYourCall(DeskError):
    """The call is somebody else's, and no supervisor asks."""

    code = "not_your_call"


class NoSuchTarget(DeskError):
    """The tenant names no such place outside to which calls may be moved."""

    code = "no_such_target"


class CallFull(DeskError):
    """As many people are in the call as there may be."""

    code = "call_full"
