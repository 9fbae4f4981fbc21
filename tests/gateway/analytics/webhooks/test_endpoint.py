from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.analytics.webhooks.addresses import Network
from gateway.analytics.webhooks.delivery import Answered, NotAnswered
from gateway.analytics.webhooks.endpoint import FAILURES_IN_A_ROW, LONGEST_ANSWER, REST, Endpoint
from gateway.analytics.webhooks.message import message_id
from gateway.session.records import ContactEvent
from tests.gateway.analytics.webhooks.receiver import LOCAL, SECRET, Receiver, receiver, subscription

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
EVENT = ContactEvent("shop", "c1", 7, NOW, "caller.turn", {"text": "배송이 언제 오나요"})


@asynccontextmanager
async def endpoint(
    url: str,
    allowed: Sequence[Network] = LOCAL,
    certificates: ssl.SSLContext | None = None,
    within: float = 10.0,
) -> AsyncIterator[Endpoint]:
    context = certificates or ssl.create_default_context()
    made = Endpoint(subscription(url), [SECRET], allowed, context, lambda: NOW, within)
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def heard() -> AsyncIterator[Receiver]:
    async with receiver() as kept:
        yield kept


async def test_an_event_arrives_whole_signed_and_known_by_its_id(heard: Receiver) -> None:
    async with endpoint(heard.url) as crm:
        assert await crm.tell(EVENT) == Answered(204)
    (one,) = heard.heard
    assert one.headers["content-type"] == "application/cloudevents+json"
    assert one.headers["webhook-id"] == one.event["id"] == message_id("shop", "c1", 7)
    assert one.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert one.headers["host"] == heard.url.split("/")[2]
    assert one.signed_by(SECRET)
    assert one.event["data"]["payload"] == EVENT.payload


async def test_a_failure_is_told_with_the_rest_that_is_asked_for(heard: Receiver) -> None:
    heard.status, heard.headers = lambda _: 503, {"retry-after": "120"}
    async with endpoint(heard.url) as crm:
        assert await crm.tell(EVENT) == Answered(503, timedelta(seconds=120))
        heard.headers = {"retry-after": "Fri, 31 Dec 2026 23:59:59 GMT"}
        assert await crm.tell(EVENT) == Answered(503)


async def test_a_connection_is_used_again_and_a_long_answer_is_not_read(heard: Receiver) -> None:
    async with endpoint(heard.url) as crm:
        for seq in range(3):
            assert await crm.tell(replace(EVENT, seq=seq)) == Answered(204)
        assert len({one.headers["x-port"] for one in heard.heard}) == 1
        heard.answer = bytes(10 * LONGEST_ANSWER)
        heard.status = lambda _: 200
        assert await crm.tell(EVENT) == Answered(200)


async def test_a_redirect_is_not_followed(heard: Receiver) -> None:
    heard.status, heard.headers = lambda _: 307, {"location": heard.url}
    async with endpoint(heard.url) as crm:
        assert await crm.tell(EVENT) == Answered(307)
    assert len(heard.heard) == 1


async def test_an_address_of_ours_is_not_spoken_to_unless_it_is_allowed(heard: Receiver) -> None:
    for url in (heard.url, heard.url.replace("127.0.0.1", "localhost")):
        async with endpoint(url, allowed=()) as crm:
            outcome = await crm.tell(EVENT)
        assert isinstance(outcome, NotAnswered)
        assert "not a public address" in outcome.why
    assert heard.heard == []


async def test_what_goes_outside_goes_encrypted_or_not_at_all() -> None:
    async with endpoint("http://1.1.1.1/hook", allowed=()) as crm:
        outcome = await crm.tell(EVENT)
    assert isinstance(outcome, NotAnswered)
    assert "https" in outcome.why


async def test_nobody_there_is_an_outcome_that_tells_nothing_of_the_inside() -> None:
    async with endpoint("http://127.0.0.1:9/hook") as crm:
        assert await crm.tell(EVENT) == NotAnswered("not reached: ConnectError")


async def test_who_does_not_answer_is_not_waited_for() -> None:
    left = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with endpoint(f"http://127.0.0.1:{port}/hook", within=0.2) as crm:
            outcome = await crm.tell(EVENT)
        await left.wait()
    assert isinstance(outcome, NotAnswered)


async def test_who_fails_again_and_again_is_left_alone(heard: Receiver) -> None:
    heard.status = lambda _: 500
    async with endpoint(heard.url) as crm:
        for _ in range(FAILURES_IN_A_ROW):
            assert crm.rests() is None
            await crm.tell(EVENT)
        assert crm.rests() == timedelta(seconds=REST)


async def test_who_refuses_one_event_is_there(heard: Receiver) -> None:
    heard.status = lambda _: 400
    async with endpoint(heard.url) as crm:
        for _ in range(FAILURES_IN_A_ROW + 1):
            await crm.tell(EVENT)
        assert crm.rests() is None


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(hours=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "certificate.pem").write_bytes(made.public_bytes(Encoding.PEM))
    return folder / "certificate.pem", folder / "key.pem"


@asynccontextmanager
async def over_tls(folder: Path, name: str) -> AsyncIterator[tuple[str, ssl.SSLContext, Callable[[], bytes]]]:
    """A server with a certificate for ``name``; its address, whom to trust, and what it heard."""
    certificate, key = _certificate(folder, name)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    got = bytearray()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=serving)
    trust = ssl.create_default_context(cafile=str(certificate))
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}/hook", trust, lambda: bytes(got)


async def test_the_certificate_is_compared_with_the_name_though_the_address_was_looked_up_before(
    tmp_path: Path,
) -> None:
    async with over_tls(tmp_path, "localhost") as (url, trust, got), endpoint(url, certificates=trust) as crm:
        assert await crm.tell(EVENT) == Answered(204)
        assert f"host: {url.split('/')[2]}".encode() in got()


async def test_a_certificate_of_somebody_else_is_refused(tmp_path: Path) -> None:
    async with over_tls(tmp_path, "elsewhere.example") as (url, trust, got), endpoint(url, certificates=trust) as crm:
        assert await crm.tell(EVENT) == NotAnswered("not reached: ConnectError")
        assert got() == b""


async def test_the_same_event_is_the_same_message(heard: Receiver) -> None:
    async with endpoint(heard.url) as crm:
        await crm.tell(EVENT)
        await crm.tell(EVENT)
        await crm.tell(replace(EVENT, seq=8))
    first, again, other = (one.headers["webhook-id"] for one in heard.heard)
    assert first == again != other
