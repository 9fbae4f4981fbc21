"""Settings of exports: how an S3-compatible store is reached."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr, model_validator

from infra.config import Section


class ExportSettings(Section):
    """Where ``aicc export --out s3://…`` writes. Without a key, what the machine itself is allowed."""

    section: ClassVar[str] = "export"

    s3_endpoint: str = Field(
        default="",
        pattern=r"^(https?://[^/]+)?$",
        description="address of an S3-compatible store, such as https://minio.example:9000; empty: Amazon's",
    )
    s3_region: str = Field(default="", description="region of the bucket; empty: the store's own default")
    s3_access_key: str = Field(default="", description="name of the key; empty: what the machine itself is allowed")
    s3_secret_key: SecretStr | None = Field(default=None, description="the key's secret")

    @model_validator(mode="after")
    def _both_or_none(self) -> ExportSettings:
        if bool(self.s3_access_key) != (self.s3_secret_key is not None):
            raise ValueError("s3_access_key and s3_secret_key belong together")
        return self
