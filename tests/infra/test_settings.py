from __future__ import annotations

import pytest

from infra.config import load
from infra.errors import ConfigError
from infra.settings import DatabaseSettings


def test_without_a_url_the_embedded_server_is_meant() -> None:
    assert load(DatabaseSettings, {}).url is None


@pytest.mark.parametrize("size", ["1", "1000", "many"])
def test_a_pool_that_makes_no_sense_is_refused(size: str) -> None:
    with pytest.raises(ConfigError, match="AICC_DATABASE_POOL_SIZE"):
        load(DatabaseSettings, {"AICC_DATABASE_POOL_SIZE": size})
