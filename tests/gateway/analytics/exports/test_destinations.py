from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from gateway.analytics.exports.destinations import STAGING, Destination, Folder, destination
from gateway.analytics.exports.errors import DestinationFailed, ExportRefused
from gateway.analytics.exports.settings import ExportSettings

PLACE = "turn/tenant=acme/day=2026-03-02/x.parquet"


@pytest.fixture(scope="module")
def store() -> Iterator[ExportSettings]:
    """An S3-compatible server on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys).create_bucket(Bucket="records")
    yield ExportSettings(s3_endpoint=endpoint, s3_region="us-east-1", s3_access_key="a", s3_secret_key="b")
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, store: ExportSettings, tmp_path: Path) -> Destination:
    if request.param == "folder":
        return destination(str(tmp_path / "out"), store, tmp_path / "scratch")
    return destination(f"s3://records/{tmp_path.name}/", store, tmp_path / "scratch")


def test_a_file_is_published_whole(place: Destination) -> None:
    made = place.staging("acme") / "part"
    made.write_bytes(b"x" * 7_000_000)
    assert place.names("turn/tenant=acme/day=2026-03-02") == []
    place.publish(made, PLACE)
    assert place.names("turn/tenant=acme/day=2026-03-02") == ["x.parquet"]
    assert place.read(PLACE) == b"x" * 7_000_000
    assert not made.exists()


def test_what_a_dead_run_left_is_cleared_and_nobody_elses(place: Destination) -> None:
    (place.staging("acme") / "half").write_bytes(b"x")
    other = place.staging("other") / "half"
    other.write_bytes(b"x")
    staging = place.staging("acme")
    assert list(staging.iterdir()) == []
    assert other.exists()
    place.clear("acme")
    assert not staging.exists()
    place.clear("acme")


def test_what_is_not_there_cannot_be_read(place: Destination) -> None:
    assert place.names("_manifests/tenant=acme") == []
    with pytest.raises(DestinationFailed):
        place.read("_manifests/tenant=acme/x.json")


def test_files_are_for_their_owner_and_group(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out")
    made = folder.staging("acme") / "part"
    made.write_bytes(b"x")
    folder.publish(made, PLACE)
    assert stat.S_IMODE((tmp_path / "out" / PLACE).stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "out" / "turn").stat().st_mode) == 0o750
    assert stat.S_IMODE((tmp_path / "out" / STAGING / "acme").stat().st_mode) == 0o700


def test_a_place_that_takes_no_files_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DestinationFailed, match="does not take"):
        Folder(tmp_path / "file").staging("acme")


def test_a_store_that_is_not_there_says_so(tmp_path: Path) -> None:
    nobody = ExportSettings(s3_endpoint="http://127.0.0.1:1", s3_region="x", s3_access_key="a", s3_secret_key="b")
    made = tmp_path / "part"
    made.write_bytes(b"x")
    with pytest.raises(DestinationFailed, match="s3://records does not take"):
        destination("s3://records", nobody, tmp_path).publish(made, PLACE)


def test_a_bucket_that_is_not_there_says_so(store: ExportSettings, tmp_path: Path) -> None:
    made = tmp_path / "part"
    made.write_bytes(b"x")
    with pytest.raises(DestinationFailed):
        destination("s3://no-such-bucket", store, tmp_path).publish(made, PLACE)


UPLOAD = """
import sys
from pathlib import Path
from gateway.analytics.exports.destinations import destination
from gateway.analytics.exports.settings import ExportSettings

settings = ExportSettings(s3_endpoint=sys.argv[1], s3_region="us-east-1", s3_access_key="a", s3_secret_key="b")
destination("s3://records/killed", settings, Path(sys.argv[2]).parent).publish(Path(sys.argv[2]), "turn/x.parquet")
"""


def test_an_upload_that_is_killed_leaves_nothing_to_be_seen(store: ExportSettings, tmp_path: Path) -> None:
    """The file is a pipe, so that the upload is surely under way, several parts far, when its process dies."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    child = subprocess.Popen([sys.executable, "-c", UPLOAD, store.s3_endpoint, str(pipe)])
    with pipe.open("wb") as feed:
        feed.write(b"x" * 30_000_000)
        feed.flush()
        child.kill()
        assert child.wait(30) == -signal.SIGKILL
    assert destination("s3://records/killed", store, tmp_path).names("turn") == []


@pytest.mark.parametrize("out", ["s3://", "s3:///folder", "gs://bucket", "https://store.example/x"])
def test_other_addresses_are_refused(out: str, store: ExportSettings, tmp_path: Path) -> None:
    with pytest.raises(ExportRefused):
        destination(out, store, tmp_path)


def test_no_secret_stands_in_what_a_place_is_called(store: ExportSettings, tmp_path: Path) -> None:
    assert destination("s3://records/a/", store, tmp_path).place == "s3://records/a"
    assert destination(str(tmp_path / "a" / ".." / "b"), store, tmp_path).place == str(tmp_path / "b")
