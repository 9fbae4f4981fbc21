from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import numpy as np
import pytest

from gateway.analytics.vcon.sounds import Sounds
from gateway.session.errors import NoRecording
from gateway.session.recorded_sound import RecordedSound
from gateway.session.records import CallRecord
from infra.errors import AiccError
from infra.storage.errors import KeyShredded, KeyUnavailable
from tests.gateway.analytics.vcon.profile import record
from tests.gateway.session.sealed import OWNER, sealed_recording


async def test_the_hash_is_that_of_the_bytes_that_are_handed_out(tmp_path: Path) -> None:
    path = sealed_recording(tmp_path / "c1.sealed", np.ones((8_000, 2), dtype=np.int16))

    async def recording(tenant: str, call: CallRecord) -> RecordedSound:
        assert (tenant, call.call_id) == ("hanbit-store", "c1")
        return RecordedSound(path, OWNER)

    found = await Sounds(recording, "calls.example").of(record())
    assert found is not None
    assert found.url == "https://calls.example/v1/calls/c1/recording"
    with RecordedSound(path, OWNER) as sound:
        digest = hashlib.sha512(sound.read()).digest()
    assert base64.urlsafe_b64decode(found.content_hash.removeprefix("sha512-") + "==") == digest


@pytest.mark.parametrize("gone", [NoRecording("none"), KeyShredded("erased")])
async def test_a_recording_that_is_gone_is_none(gone: AiccError) -> None:
    async def recording(tenant: str, call: CallRecord) -> RecordedSound:
        raise gone

    assert await Sounds(recording, "calls.example").of(record()) is None


async def test_one_that_cannot_be_opened_now_is_not_passed_over() -> None:
    async def recording(tenant: str, call: CallRecord) -> RecordedSound:
        raise KeyUnavailable("the key service is away")

    with pytest.raises(KeyUnavailable):
        await Sounds(recording, "calls.example").of(record())
