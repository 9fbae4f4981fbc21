"""The options that many commands have, and what they mean: which data, which tenant, which gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from infra.config import state_directory

EXAMPLE = Path(__file__).parents[2] / "examples" / "hanbit-store"

Data = Annotated[Path | None, typer.Option("--data", help="data directory; else AICC_DATA, else the user's state")]
Tenants = Annotated[
    list[Path] | None, typer.Option("--tenant", "-t", help="a tenant's folder (or several); else AICC_GATEWAY_TENANTS")
]
TenantName = Annotated[str, typer.Option("--tenant", "-t", help="the tenant's id, or its folder")]
Url = Annotated[str | None, typer.Option("--url", help="address of a running gateway; else the one on this machine")]
Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Language = Annotated[str, typer.Option("--lang", help="ko or en")]


def data_directory(chosen: Path | None) -> Path:
    """The directory that was chosen, else the one of the environment or the user."""
    return chosen.expanduser().resolve() if chosen is not None else state_directory()


def tenant_folders(chosen: list[Path] | None) -> tuple[Path, ...]:
    """The folders that were chosen, else those of the settings, else the example's."""
    from gateway.settings import GatewaySettings
    from infra.config import load

    return tuple(chosen) if chosen else load(GatewaySettings).tenants or (EXAMPLE,)


def tenant_named(named: str) -> tuple[str, tuple[Path, ...]]:
    """A tenant's id and folder, by either. Raises ``TenantInvalid``."""
    from gateway.session.errors import TenantInvalid
    from gateway.session.tenant import load_tenant

    known = tenant_folders(None)
    candidates = (Path(named), *known) if (Path(named) / "tenant.yaml").is_file() else known
    for folder in candidates:
        tenant = load_tenant(folder)
        if named in (tenant.id, str(folder)):
            return tenant.id, (folder,)
    ids = ", ".join(load_tenant(folder).id for folder in candidates) or "none"
    raise TenantInvalid(f"no tenant {named!r} is configured (there are: {ids}); set AICC_GATEWAY_TENANTS")


def api_token() -> str | None:
    """The token of the running gateway's interface, if it wants one."""
    from gateway.settings import GatewaySettings
    from infra.config import load

    secret = load(GatewaySettings).api_token
    return secret.get_secret_value() if secret else None
