"""The second opinion, by the package itself."""

from __future__ import annotations

import pytest

from dialog.privacy.kinds import Found, PersonalKind
from dialog.privacy.presidio import second_opinion

pytest.importorskip("presidio_analyzer")


def test_it_finds_what_is_written_plainly() -> None:
    assert second_opinion("call 010-2345-6789 please", "en") == (Found(5, 18, PersonalKind.PHONE),)
    assert second_opinion("주민번호 900101-1234568 이요", "ko") == (Found(5, 19, PersonalKind.REGISTRATION),)
    assert second_opinion("mail hong@naver.com now", "en") == (Found(5, 19, PersonalKind.EMAIL),)


def test_what_is_spoken_it_does_not_read() -> None:
    assert second_opinion("공일공 이삼사오 육칠팔구", "ko") == ()
