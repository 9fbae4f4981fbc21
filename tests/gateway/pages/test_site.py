"""The pages over HTTP: what comes with them, what cannot be asked for, and what their files must not hold."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gateway.pages.site import PAGES, STATIC, pages_router, read_assets, read_pages, security_headers
from tests.gateway.http import client

FILES = sorted(path for path in STATIC.rglob("*") if path.is_file())
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
LOCALES = ("ko", "en")


def name(path: Path) -> str:
    return path.relative_to(STATIC).as_posix()


def directives(headers: dict[str, str]) -> dict[str, str]:
    return dict(part.partition(" ")[::2] for part in headers["content-security-policy"].split("; "))


async def test_a_page_comes_with_a_policy_that_allows_our_own_files_only() -> None:
    async with client(pages_router()) as http:
        answer = await http.get("/call")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        policy = directives(dict(answer.headers))
        assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
        assert policy["connect-src"] == "'self' ws://test wss://test"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["require-trusted-types-for"] == "'script'"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["permissions-policy"].startswith("microphone=(self)")
        assert (answer.headers["x-content-type-options"], answer.headers["referrer-policy"]) == (
            "nosniff",
            "no-referrer",
        )


def test_only_the_configured_origins_may_show_a_page_in_a_frame() -> None:
    headers = security_headers("desk.example", ("https://crm.example", "https://other.example:8443"))
    assert directives(headers)["frame-ancestors"] == "https://crm.example https://other.example:8443"


@pytest.mark.parametrize("host", ["evil; script-src *", "a b", "", "[::1", "x" * 5 + "\r\n", "a:123456"])
def test_what_a_request_calls_us_cannot_change_the_policy(host: str) -> None:
    assert directives(security_headers(host))["connect-src"] == "'self'"


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080", "voice.example.com"])
def test_sockets_go_to_where_the_page_came_from(host: str) -> None:
    assert directives(security_headers(host))["connect-src"] == f"'self' ws://{host} wss://{host}"


async def test_what_has_not_changed_is_not_sent_again() -> None:
    async with client(pages_router()) as http:
        first = await http.get("/static/common/theme.css")
        assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
        again = await http.get("/static/common/theme.css", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        other = await http.get("/static/common/theme.css", headers={"if-none-match": '"another"'})
        assert other.status_code == 200


@pytest.mark.parametrize("path", ["../site.py", "..%2fsite.py", "%2e%2e/site.py", "common", "", "common/nothing.js"])
async def test_nothing_but_our_files_can_be_asked_for(path: str) -> None:
    async with client(pages_router()) as http:
        assert (await http.get(f"/static/{path}")).status_code == 404


def test_only_files_that_browsers_understand_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "notes.txt").write_text("ours")
    assert list(read_assets(tmp_path)) == ["a.js"]


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_no_script_makes_markup_or_code_of_strings(path: Path) -> None:
    code = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = re.findall(
        r"\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function|setHTMLUnsafe"
        r"|createContextualFragment|DOMParser|javascript:|\.style\.cssText",
        code,
    )
    assert found == [], f"{name(path)} does"


async def test_every_page_is_the_same_frame_around_files_of_its_own() -> None:
    async with client(pages_router()) as http:
        for page in PAGES:
            answer = await http.get(f"/{page}")
            assert (answer.status_code, answer.headers["etag"]) == (200, read_pages()[page].etag), page
            assert f'data-page="{page}"' in answer.text
            for file in re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text):
                assert (await http.get(file)).status_code == 200, file


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_code_or_style_in_it_or_an_address_elsewhere(page: str) -> None:
    text = read_pages()[page].content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)
    assert 'name="viewport"' in text
    assert "maximum-scale" not in text
    assert "user-scalable" not in text


@pytest.mark.parametrize("page", ["common", *PAGES])
def test_both_languages_say_the_same_things(page: str) -> None:
    korean, english = (json.loads((STATIC / "i18n" / locale / f"{page}.json").read_text("utf-8")) for locale in LOCALES)
    assert korean.keys() == english.keys()
    for key in korean:
        places = [set(re.findall(r"\{(\w+)\}", json.dumps(text[key]))) for text in (korean, english)]
        assert places[0] == places[1], f"{page}: {key}"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("page", ["common", *PAGES])
def test_every_text_says_something_and_plurals_have_all_their_forms(page: str, locale: str) -> None:
    texts = json.loads((STATIC / "i18n" / locale / f"{page}.json").read_text("utf-8"))
    forms = {"ko": {"other"}, "en": {"one", "other"}}[locale]
    for key, text in texts.items():
        said = text.values() if isinstance(text, dict) else [text]
        assert all(isinstance(one, str) and one.strip() for one in said), key
        assert not isinstance(text, dict) or set(text) == forms, key


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_nothing_that_its_catalogues_lack(page: str) -> None:
    known = {
        key
        for part in ("common", page)
        for key in json.loads((STATIC / "i18n" / "en" / f"{part}.json").read_text("utf-8"))
    }
    folder = STATIC / page
    text = "\n".join(path.read_text("utf-8") for path in folder.rglob("*.js")) + read_pages()[page].content.decode()
    used = set(re.findall(r'data-t(?:-[a-z-]+)?="([^"]+)"', text)) | set(re.findall(r'\bt\("([^"$]+)"', text))
    assert used <= known, f"{page} lacks {sorted(used - known)}"
