from __future__ import annotations

import pytest

from gateway.desk.floor import errors
from gateway.desk.floor.errors import FloorError, NoSuchItem, NoSuchQueue, NotOnFloor


def test_every_error_has_a_code_of_its_own() -> None:
    found = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__ == errors.__name__]
    assert len({kind.code for kind in found}) == len(found) > 10


@pytest.mark.parametrize("kind", [NoSuchItem, NoSuchQueue])
def test_what_is_not_there_is_told_from_what_cannot_be_done(kind: type[FloorError]) -> None:
    assert issubclass(kind, NotOnFloor)
