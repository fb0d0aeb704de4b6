"""A server that speaks the documented protocols of the four providers, and refuses what is wrong as they do."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, KEEP = "client-1", "the-secret-1"
SIGNING = rsa.generate_private_key(public_exponent=65537, key_size=2048)
FOREIGN = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Company:
    """What the provider knows: codes it has given out, who is behind them, and how it should misbehave."""

    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    key: Any = SIGNING
    algorithm: str = "RS256"
    broken: str = ""
    seen: list[str] = field(default_factory=list)

    def authorise(self, url: str) -> dict[str, str]:
        """What happens on the sign-in page: a code for this request. Returns the parameters of the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "redirect_uri": asked["redirect_uri"]}

    def take(self, code: str) -> dict[str, str] | None:
        """A code is good once."""
        return self.codes.pop(code, None)

    def token(self, asked: dict[str, str], base: str) -> str:
        """The signed token of OpenID Connect."""
        now = int(time.time())
        claims = {
            "iss": base,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked.get("nonce"),
            **self.person,
            **self.claims,
        }
        if self.algorithm == "HS256":
            return jwt.encode(claims, "x" * 40, algorithm="HS256", headers={"kid": "k1"})
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k1"})


class Provider(BaseHTTPRequestHandler):
    """Answers like the real ones."""

    server: Any

    def log_message(self, *_args: Any) -> None:
        """Quiet."""

    def _send(self, body: Any, status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _body(self) -> dict[str, str]:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if "json" in (self.headers.get("Content-Type") or ""):
            return dict(json.loads(raw))
        return {name: values[0] for name, values in parse_qs(raw).items()}

    def do_GET(self) -> None:
        """Discovery, keys, user info."""
        company: Company = self.server.company
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        company.seen.append(parts.path)
        if company.broken == parts.path:
            self.send_response(502)
            self.end_headers()
            return
        handler = {
            "/.well-known/openid-configuration": self._discovery,
            "/keys": self._keys,
            "/userinfo": self._userinfo,
            "/open-apis/authen/v1/user_info": self._feishu_user,
            "/v1.0/contact/users/me": self._dingtalk_user,
            "/cgi-bin/gettoken": self._wecom_token,
            "/cgi-bin/auth/getuserinfo": self._wecom_user,
        }.get(parts.path)
        if handler is None:
            self._send({"error": "no such page"}, 404)
        else:
            handler(company, query)

    def do_POST(self) -> None:
        """Codes for tokens."""
        company: Company = self.server.company
        body = self._body()
        company.seen.append(self.path)
        handler = {
            "/token": self._oidc_token,
            "/open-apis/authen/v2/oauth/token": self._feishu_token,
            "/v1.0/oauth2/userAccessToken": self._dingtalk_token,
        }.get(self.path)
        if handler is None:
            self._send({"error": "no such page"}, 404)
        else:
            handler(company, body)

    # OpenID Connect ---------------------------------------------------------------------------------------------

    def _discovery(self, _company: Company, _query: dict[str, str]) -> None:
        base = self.server.base
        self._send(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "userinfo_endpoint": f"{base}/userinfo",
                "jwks_uri": f"{base}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        )

    def _keys(self, _company: Company, _query: dict[str, str]) -> None:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(SIGNING.public_key()))
        self._send({"keys": [{**key, "kid": "k1", "alg": "RS256", "use": "sig"}]})

    def _oidc_token(self, company: Company, body: dict[str, str]) -> None:
        asked = company.take(body.get("code", ""))
        if asked is None or body.get("client_secret") != KEEP or not proven(asked, body):
            self._send({"error": "invalid_grant"}, 400)
        else:
            token = company.token(asked, self.server.base)
            self._send({"access_token": "at-1", "token_type": "Bearer", "expires_in": 60, "id_token": token})

    def _userinfo(self, company: Company, _query: dict[str, str]) -> None:
        if self.headers.get("Authorization") != "Bearer at-1":
            self._send({"error": "invalid_token"}, 401)
        else:
            self._send(company.person)

    # Feishu -----------------------------------------------------------------------------------------------------

    def _feishu_token(self, company: Company, body: dict[str, str]) -> None:
        asked = company.take(body.get("code", ""))
        if body.get("client_secret") != KEEP or body.get("client_id") != CLIENT:
            self._send({"code": 20002, "error": "invalid_client"}, 400)
        elif asked is None or not proven(asked, body):
            self._send({"code": 20003, "error": "invalid_grant"}, 400)
        else:
            self._send({"code": 0, "access_token": "u-1", "expires_in": 7200, "token_type": "Bearer"})

    def _feishu_user(self, company: Company, _query: dict[str, str]) -> None:
        if self.headers.get("Authorization") != "Bearer u-1":
            self._send({"code": 99991663, "msg": "invalid access token"}, 401)
        else:
            self._send({"code": 0, "msg": "success", "data": company.person})

    # DingTalk ---------------------------------------------------------------------------------------------------

    def _dingtalk_token(self, company: Company, body: dict[str, str]) -> None:
        asked = company.take(body.get("code", ""))
        right = (body.get("clientId"), body.get("clientSecret"), body.get("grantType"))
        if asked is None or right != (CLIENT, KEEP, "authorization_code"):
            self._send({"code": "invalidParameter.authCode.notFound", "message": "不存在的authCode"}, 400)
        else:
            self._send({"accessToken": "d-1", "refreshToken": "r", "expireIn": 7200, "corpId": "corp-1"})

    def _dingtalk_user(self, company: Company, _query: dict[str, str]) -> None:
        if self.headers.get("x-acs-dingtalk-access-token") != "d-1":
            self._send({"code": "InvalidAuthentication"}, 400)
        else:
            self._send(company.person)

    # WeCom ------------------------------------------------------------------------------------------------------

    def _wecom_token(self, _company: Company, query: dict[str, str]) -> None:
        if (query.get("corpid"), query.get("corpsecret")) != (CLIENT, KEEP):
            self._send({"errcode": 40001, "errmsg": "invalid credential"})
        else:
            self._send({"errcode": 0, "errmsg": "ok", "access_token": "w-1", "expires_in": 7200})

    def _wecom_user(self, company: Company, query: dict[str, str]) -> None:
        if query.get("access_token") != "w-1":
            self._send({"errcode": 40014, "errmsg": "invalid access_token"})
        elif company.take(query.get("code", "")) is None:
            self._send({"errcode": 40029, "errmsg": "invalid code"})
        else:
            self._send({"errcode": 0, "errmsg": "ok", **company.person})


def proven(asked: dict[str, str], body: dict[str, str]) -> bool:
    """Whether who brings the code is who asked for it (PKCE), for the same way back."""
    digest = hashlib.sha256(body.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    right = asked.get("code_challenge") == challenge and asked.get("code_challenge_method") == "S256"
    return right and asked["redirect_uri"] == body.get("redirect_uri")


class Running:
    """The server while a test runs."""

    def __init__(self) -> None:
        self.company = Company()
        self.server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.server.company, self.server.base = self.company, self.base
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()
