from __future__ import annotations

from typing import Any

import pytest

from gateway.access.account import LONGEST_LOGIN, DirectoryName
from gateway.access.errors import DirectoryRefused
from gateway.access.identity import Role
from gateway.access.oidc_claims import LONGEST_NAME, RoleRule, arrival, read_rule, roles_of

ISSUER = "https://id.example"
RULES = {
    "agents": read_rule("agent"),
    "leads": read_rule("shop:agent+supervisor"),
    "owners": read_rule("acme:admin"),
}


def test_a_rule_names_roles_and_perhaps_a_tenant() -> None:
    assert read_rule("agent") == RoleRule(None, frozenset({Role.AGENT}))
    assert read_rule("acme: agent + admin") == RoleRule("acme", frozenset({Role.AGENT, Role.ADMIN}))
    for wrong in ("boss", "", "agent+", "shop:", "agent supervisor"):
        with pytest.raises(ValueError, match="supervisor"):
            read_rule(wrong)


@pytest.mark.parametrize(
    ("claims", "path", "roles"),
    [
        ({"groups": ["agents"]}, "groups", {Role.AGENT}),
        ({"groups": "agents"}, "groups", {Role.AGENT}),
        ({"groups": ["agents", "leads", "owners"]}, "groups", {Role.AGENT, Role.SUPERVISOR}),
        ({"realm_access": {"roles": ["leads"]}}, "realm_access.roles", {Role.AGENT, Role.SUPERVISOR}),
        ({"https://shop.example/groups": ["agents"]}, "https://shop.example/groups", {Role.AGENT}),
        ({"groups": ["owners"]}, "groups", set()),
        ({"groups": ["agent"]}, "groups", set()),
        ({"groups": {"agents": True}}, "groups", set()),
        ({"groups": [["agents"], 7, None]}, "groups", set()),
        ({"groups": "agents"}, "groups.roles", set()),
        ({}, "groups", set()),
    ],
)
def test_roles_are_read_from_the_claim_and_only_what_a_rule_names(
    claims: dict[str, Any], path: str, roles: set[Role]
) -> None:
    assert roles_of(claims, path, RULES, "shop") == roles


def test_somebody_is_known_by_issuer_and_subject_and_called_by_name() -> None:
    claims = {"iss": ISSUER, "sub": "00u1", "name": "김민지", "locale": "ko-KR", "email": "A@B.example"}
    found = arrival({**claims, "email_verified": True}, "shop", frozenset({Role.AGENT}))
    assert (found.directory, found.login, found.name) == (DirectoryName(ISSUER, "00u1"), "a@b.example", "김민지")
    assert (found.tenant, found.roles, found.locale) == ("shop", {Role.AGENT}, "ko")


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_is_not_verified_is_no_login(verified: object) -> None:
    found = arrival(
        {"iss": ISSUER, "sub": "00u1", "email": "a@b.example", "email_verified": verified}, "shop", frozenset()
    )
    assert found.login == "00u1@https://id.example"
    assert found.locale == "en"


def test_what_is_too_long_is_cut_and_what_is_no_address_is_refused() -> None:
    long = arrival({"iss": ISSUER, "sub": "x" * 255, "name": "y" * 1000}, "shop", frozenset())
    assert (len(long.login), len(long.name)) == (LONGEST_LOGIN, LONGEST_NAME)
    with pytest.raises(DirectoryRefused):
        arrival({"iss": ISSUER, "sub": "1", "email": "two words", "email_verified": True}, "shop", frozenset())
