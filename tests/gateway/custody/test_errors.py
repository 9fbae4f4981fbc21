from __future__ import annotations

from gateway.custody import errors
from infra.errors import AiccError


def test_every_failure_has_a_code_of_its_own() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AiccError)]
    codes = [kind.code for kind in kinds]
    assert len(codes) == len(set(codes)) > 4


def test_every_failure_says_what_it_is_over_http() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.CustodyError)]
    assert {kind.status for kind in kinds} == {404, 409, 422}
    assert (errors.ContactUnknown.status, errors.ContactHeld.status) == (404, 409)
