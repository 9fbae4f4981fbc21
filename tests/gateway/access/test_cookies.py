from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie

from gateway.access.cookies import SESSION_COOKIE, CookieStyle

HOUR = timedelta(hours=1)


def test_no_script_reads_it_and_no_foreign_request_brings_it() -> None:
    header = CookieStyle(secure=True, embedded=False).set(SESSION_COOKIE, "shop.x", HOUR)
    assert header == "aicc_session=shop.x; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure"
    assert "Secure" not in CookieStyle(secure=False, embedded=False).set(SESSION_COOKIE, "shop.x", HOUR)


def test_inside_other_pages_it_goes_by_https_into_a_jar_of_its_own() -> None:
    header = CookieStyle(secure=False, embedded=True).set(SESSION_COOKIE, "shop.x", HOUR)
    assert header.endswith("HttpOnly; SameSite=None; Secure; Partitioned")


def test_a_cookie_is_taken_away_by_one_that_is_over() -> None:
    found = SimpleCookie(CookieStyle(secure=True, embedded=False).clear(SESSION_COOKIE))[SESSION_COOKIE]
    assert (found.value, found["max-age"]) == ("", "0")
