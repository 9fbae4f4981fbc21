"""A key service that speaks Vault's transit protocol, for the tests: keys with versions, AES-256-GCM, a token."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

TOKEN = "hvs.of-the-tests"


class Vault:
    """The service; ``fail`` answers in a row are 503."""

    def __init__(self) -> None:
        self.versions: dict[str, list[bytes]] = {"aicc": [secrets.token_bytes(32)]}
        self.oldest: dict[str, int] = {}
        self.fail = 0
        self.asked = 0

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.middleware("http")
        async def guard(request: Request, go_on: Any) -> Response:
            self.asked += 1
            if self.fail:
                self.fail -= 1
                return JSONResponse({"errors": ["Vault is sealed"]}, 503)
            if request.headers.get("x-vault-token") != TOKEN:
                return JSONResponse({"errors": ["permission denied"]}, 403)
            return await go_on(request)

        @app.exception_handler(HTTPException)
        async def told(request: Request, error: HTTPException) -> Response:
            return JSONResponse({"errors": [error.detail]}, error.status_code)

        @app.get("/v1/transit/keys/{name}")
        async def key(name: str) -> dict[str, Any]:
            return {"data": {"name": name, "latest_version": len(self._of(name))}}

        @app.post("/v1/transit/keys/{name}/rotate", status_code=204)
        async def rotate(name: str) -> None:
            self._of(name).append(secrets.token_bytes(32))

        @app.post("/v1/transit/keys/{name}/config", status_code=204)
        async def config(name: str, body: dict[str, int]) -> None:
            self._of(name)
            self.oldest[name] = body["min_decryption_version"]

        @app.post("/v1/transit/encrypt/{name}")
        async def encrypt(name: str, body: dict[str, str]) -> dict[str, Any]:
            versions, nonce = self._of(name), secrets.token_bytes(12)
            plain, context = (base64.b64decode(body[part]) for part in ("plaintext", "associated_data"))
            sealed = base64.b64encode(nonce + AESGCM(versions[-1]).encrypt(nonce, plain, context)).decode()
            return {"data": {"ciphertext": f"vault:v{len(versions)}:{sealed}"}}

        @app.post("/v1/transit/decrypt/{name}")
        async def decrypt(name: str, body: dict[str, str]) -> dict[str, Any]:
            _, version, text = body["ciphertext"].split(":")
            if int(version[1:]) < self.oldest.get(name, 0):
                raise HTTPException(400, "ciphertext or signature version is disallowed by policy (too old)")
            sealed, context = base64.b64decode(text), base64.b64decode(body["associated_data"])
            try:
                plain = AESGCM(self._of(name)[int(version[1:]) - 1]).decrypt(sealed[:12], sealed[12:], context)
            except InvalidTag as error:
                raise HTTPException(400, "cipher: message authentication failed") from error
            return {"data": {"plaintext": base64.b64encode(plain).decode()}}

        return app

    def _of(self, name: str) -> list[bytes]:
        if name not in self.versions:
            raise HTTPException(404, f"no such key: {name}")
        return self.versions[name]
