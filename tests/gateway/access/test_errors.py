from __future__ import annotations

from gateway.access import errors


def test_every_refusal_has_a_code_of_its_own_and_a_status_that_refuses() -> None:
    found = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.AccessError)]
    assert len({one.code for one in found}) == len(found) > 10
    assert all(400 <= one.status < 600 for one in found)


def test_a_pause_says_how_long() -> None:
    assert errors.SignInPaused("wait", 30).seconds == 30
