from __future__ import annotations

from gateway.analytics import errors
from infra.errors import AiccError


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AiccError)]
    assert len({kind.code for kind in kinds}) == len(kinds)
