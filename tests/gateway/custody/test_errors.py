from __future__ import annotations

from gateway.custody import errors
from infra.errors import AiccError


def test_every_failure_has_a_code_of_its_own() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AiccError)]
    codes = [kind.code for kind in kinds]
    assert len(codes) == len(set(codes)) > 4
