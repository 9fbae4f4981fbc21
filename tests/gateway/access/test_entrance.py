from __future__ import annotations

from datetime import timedelta

from gateway.access.entrance import open_entrance
from gateway.access.passwords import Passwords
from gateway.access.settings import AccessSettings
from gateway.access.store import VolatileAccess
from tests.gateway.access.people import QUICK, Clock

DIRECTORY = {"oidc_issuer": "http://127.0.0.1:1", "oidc_client_id": "aicc", "oidc_roles": "agents=agent"}


async def test_the_settings_decide_what_there_is() -> None:
    plain = open_entrance(AccessSettings(), VolatileAccess(), ["shop"], Clock(), Passwords(QUICK))
    assert plain.directory is None
    assert not plain.cookie_style("http://localhost:8080/").secure
    await plain.close()
    settings = AccessSettings.model_validate(
        {**DIRECTORY, "public_url": "https://desk.example", "embed_origins": "https://crm.example", "session_hours": 1}
    )
    full = open_entrance(settings, VolatileAccess(), ["shop"], Clock(), Passwords(QUICK))
    assert full.directory is not None
    assert full.sessions.limits.whole == timedelta(hours=1)
    style = full.cookie_style("http://10.0.0.5/")
    assert style.secure and style.embedded
    assert full.audit is full.store
    await full.close()
