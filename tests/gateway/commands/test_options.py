from __future__ import annotations

from pathlib import Path

import pytest

from gateway.commands.options import EXAMPLE, api_token, data_directory, tenant_folders, tenant_named
from gateway.session.errors import TenantInvalid


def test_what_is_chosen_goes_before_what_is_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AICC_DATA", str(tmp_path / "configured"))
    assert data_directory(None) == tmp_path / "configured"
    assert data_directory(tmp_path / "chosen") == tmp_path / "chosen"
    monkeypatch.setenv("AICC_GATEWAY_TENANTS", "/srv/acme, /srv/shop")
    assert tenant_folders(None) == (Path("/srv/acme"), Path("/srv/shop"))
    assert tenant_folders([tmp_path]) == (tmp_path,)


def test_a_tenant_is_found_by_its_id_and_by_its_folder() -> None:
    assert tenant_named("hanbit-store") == tenant_named(str(EXAMPLE)) == ("hanbit-store", (EXAMPLE,))
    with pytest.raises(TenantInvalid, match="hanbit-store"):
        tenant_named("nobody")


def test_the_token_is_the_configured_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert api_token() is None
    monkeypatch.setenv("AICC_GATEWAY_API_TOKEN", "sesame")
    assert api_token() == "sesame"
