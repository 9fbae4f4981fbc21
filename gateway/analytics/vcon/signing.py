"""A vCon in its signed form: General JWS JSON (RFC 7515, 7.2.1) with the certificate chain (draft-ietf-vcon-vcon-core).

Beside payload and signatures nothing stands in it: what is not under the signature would be read as if it were. The
chain and the vCon's id are in the unprotected header, where the draft wants them.

Refuses: a key that is not its certificate's.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.registry import HeaderParameter

from gateway.analytics.vcon.errors import SignatureImpossible
from gateway.analytics.vcon.settings import VconSettings

MEDIA_TYPE = "application/vcon+json"

_REGISTRY = jws.JWSRegistry(header_registry={"uuid": HeaderParameter("Id of the signed vCon", "str")})


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key, its algorithm, and its certificates as ``x5c`` writes them, its own first."""

    key: RSAKey | ECKey
    algorithm: str
    chain: Sequence[str]

    def sign(self, vcon: dict[str, Any]) -> dict[str, Any]:
        """The signed form of a vCon."""
        member: jws.HeaderDict = {
            "protected": {"alg": self.algorithm},
            "header": {"x5c": list(self.chain), "uuid": vcon["uuid"]},
        }
        signed = jws.serialize_json([member], orjson.dumps(vcon), self.key, registry=_REGISTRY)
        return dict(signed)


def open_signer(settings: VconSettings) -> Signer | None:
    """What is configured, if anything is. Raises ``SignatureImpossible``."""
    if settings.signing_key is None:
        return None
    if settings.certificates is None:
        raise SignatureImpossible("a signature takes the key's certificate as well: set AICC_VCON_CERTIFICATES")
    return read_signer(settings.signing_key, settings.certificates)


def read_signer(key: Path, certificates: Path) -> Signer:
    """What two PEM files hold. Raises ``SignatureImpossible``."""
    try:
        pem, chain = key.read_bytes(), x509.load_pem_x509_certificates(certificates.read_bytes())
        private: RSAKey | ECKey
        try:
            private, algorithm = RSAKey.import_key(pem), "RS256"
        except (JoseError, ValueError, TypeError):
            private, algorithm = ECKey.import_key(pem), "ES256"
    except OSError as error:
        raise SignatureImpossible(f"{error.filename} cannot be read: {error.strerror}") from error
    except (JoseError, ValueError, TypeError) as error:
        raise SignatureImpossible(f"{key} and {certificates} hold no RSA or P-256 key and chain: {error}") from error
    spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key.public_bytes(*spki) != chain[0].public_key().public_bytes(*spki):
        raise SignatureImpossible(f"the first certificate in {certificates} does not belong to the key in {key}")
    if not private.is_private:
        raise SignatureImpossible(f"{key} holds a public key: a signature takes the private one")
    ders = (certificate.public_bytes(Encoding.DER) for certificate in chain)
    return Signer(private, algorithm, tuple(base64.b64encode(der).decode() for der in ders))
