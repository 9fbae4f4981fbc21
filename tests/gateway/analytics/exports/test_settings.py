from __future__ import annotations

import pytest
from pydantic import ValidationError

from gateway.analytics.exports.settings import ExportSettings


def test_a_key_and_its_secret_belong_together() -> None:
    assert ExportSettings().s3_secret_key is None
    assert ExportSettings(s3_access_key="a", s3_secret_key="b").s3_access_key == "a"
    with pytest.raises(ValidationError, match="belong together"):
        ExportSettings(s3_access_key="a")
    with pytest.raises(ValidationError, match="belong together"):
        ExportSettings(s3_secret_key="b")


@pytest.mark.parametrize("endpoint", ["minio:9000", "https://minio/bucket", "ftp://minio"])
def test_an_endpoint_is_an_address_without_a_path(endpoint: str) -> None:
    with pytest.raises(ValidationError):
        ExportSettings(s3_endpoint=endpoint)
