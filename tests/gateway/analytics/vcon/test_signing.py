from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.analytics.vcon.build import vcon_of
from gateway.analytics.vcon.errors import SignatureImpossible
from gateway.analytics.vcon.settings import VconSettings
from gateway.analytics.vcon.signing import open_signer, read_signer
from tests.gateway.analytics.vcon.profile import HANDED_OVER, ISSUER, events, record


def _written(folder: Path, key: Any, *, public: bool = False) -> tuple[Path, Path]:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "contact.hanbit.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    key_file, chain_file = folder / "key.pem", folder / "chain.pem"
    key_file.write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        if public
        else key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    chain_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    return key_file, chain_file


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _verify(signed: dict[str, Any]) -> Any:
    """RFC 7515, 5.2, with the certificate that comes along, by another library than the one that signs."""
    (signature,) = signed["signatures"]
    certificate = x509.load_der_x509_certificate(base64.b64decode(signature["header"]["x5c"][0]))
    over = f"{signature['protected']}.{signed['payload']}".encode()
    made, key = _decoded(signature["signature"]), certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        assert orjson.loads(_decoded(signature["protected"])) == {"alg": "RS256"}
        key.verify(made, over, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert orjson.loads(_decoded(signature["protected"])) == {"alg": "ES256"}
        pair = encode_dss_signature(int.from_bytes(made[:32]), int.from_bytes(made[32:]))
        key.verify(pair, over, ec.ECDSA(hashes.SHA256()))
    return orjson.loads(_decoded(signed["payload"]))


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_signed_vcon_is_verified_by_another_library(tmp_path: Path, kind: str) -> None:
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    signer = read_signer(*_written(tmp_path, key))
    vcon = vcon_of(record(), events(*HANDED_OVER), ISSUER)
    signed = signer.sign(vcon)
    assert _verify(signed) == vcon
    assert set(signed) == {"payload", "signatures"}
    assert signed["signatures"][0]["header"]["uuid"] == vcon["uuid"]


def test_one_changed_letter_breaks_the_signature(tmp_path: Path) -> None:
    signer = read_signer(*_written(tmp_path, ec.generate_private_key(ec.SECP256R1())))
    signed = signer.sign(vcon_of(record(), events(), ISSUER))
    other = orjson.dumps(vcon_of(record(end_reason="failed"), events(), ISSUER))
    signed["payload"] = base64.urlsafe_b64encode(other).rstrip(b"=").decode()
    with pytest.raises(InvalidSignature):
        _verify(signed)


def test_a_key_that_is_not_the_certificates_is_refused(tmp_path: Path) -> None:
    key, _ = _written(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    own = key.read_bytes()
    _, chain = _written(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    key.write_bytes(own)
    with pytest.raises(SignatureImpossible, match="does not belong"):
        read_signer(key, chain)


def test_what_cannot_sign_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SignatureImpossible, match="public key"):
        read_signer(*_written(tmp_path, ec.generate_private_key(ec.SECP256R1()), public=True))
    with pytest.raises(SignatureImpossible, match="cannot be read"):
        read_signer(tmp_path / "none.pem", tmp_path / "none.pem")
    (tmp_path / "text").write_text("no key")
    with pytest.raises(SignatureImpossible, match="no RSA or P-256 key"):
        read_signer(tmp_path / "text", tmp_path / "text")


def test_what_is_configured_is_opened(tmp_path: Path) -> None:
    key, chain = _written(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    assert open_signer(VconSettings()) is None
    assert open_signer(VconSettings(signing_key=key, certificates=chain)) is not None
    with pytest.raises(SignatureImpossible, match="AICC_VCON_CERTIFICATES"):
        open_signer(VconSettings(signing_key=key))
