from __future__ import annotations

from pathlib import Path

import pytest

from gateway.access.identity import Role
from gateway.access.settings import AccessSettings
from infra.config import load
from infra.errors import ConfigError


def test_by_default_there_are_passwords_alone() -> None:
    settings = load(AccessSettings, {})
    assert (settings.oidc_issuer, settings.embed_origins, settings.public_url) == ("", (), "")
    assert (settings.session_idle_minutes, settings.session_hours) == (30, 12)


def test_everything_is_said_in_the_environment(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()
    settings = load(
        AccessSettings,
        {
            "AICC_ACCESS_PUBLIC_URL": "https://Desk.example/",
            "AICC_ACCESS_EMBED_ORIGINS": "https://crm.example, http://localhost:3000",
            "AICC_ACCESS_OIDC_ISSUER": "https://id.example/realms/shop",
            "AICC_ACCESS_OIDC_CLIENT_ID": "aicc",
            "AICC_ACCESS_OIDC_CLIENT_SECRET": "very secret",
            "AICC_ACCESS_OIDC_AUTHORITY": str(authority),
            "AICC_ACCESS_OIDC_ROLES": "agents=agent, leads=shop:agent+supervisor",
        },
    )
    assert settings.public_url == "https://desk.example"
    assert settings.embed_origins == ("https://crm.example", "http://localhost:3000")
    assert settings.oidc_roles["leads"].roles == {Role.AGENT, Role.SUPERVISOR}
    assert settings.oidc_roles["leads"].tenant == "shop"
    assert "very secret" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PUBLIC_URL", "desk.example"),
        ("PUBLIC_URL", "http://desk.example"),
        ("EMBED_ORIGINS", "https://crm.example/page"),
        ("OIDC_ISSUER", "http://id.example"),
        ("OIDC_ROLES", "agents=boss"),
        ("OIDC_ROLES", "agents"),
        ("OIDC_AUTHORITY", "/nowhere/ca.pem"),
        ("SESSION_HOURS", "0"),
    ],
)
def test_what_cannot_work_is_said_by_its_name(variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        load(AccessSettings, {f"AICC_ACCESS_{variable}": value})


def test_a_directory_needs_all_of_it() -> None:
    with pytest.raises(ConfigError, match="AICC_ACCESS_OIDC_CLIENT_ID"):
        load(AccessSettings, {"AICC_ACCESS_OIDC_ISSUER": "https://id.example"})
