"""Company accounts people sign in with: any OpenID provider, DingTalk, Feishu, WeCom, each by its documented protocol.

The name of this module is where allauth looks for providers. Addresses can be set per installation: private
deployments have their own, and tests bring a server along.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess, ProviderAccount, ProviderException
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA"]
LEEWAY = 60


@dataclass(frozen=True)
class Facts:
    """What a provider vouches for; what it merely passes on is left empty."""

    uid: str
    name: str = ""
    phone: str = ""
    email: str = ""
    employee_no: str = ""
    tenant: str = ""


def ask(method: str, url: str, **options: Any) -> dict[str, Any]:
    """Call a provider and return its JSON; raises OAuth2Error for anything else."""
    with get_adapter().get_requests_session() as session:
        answer = session.request(method, url, **options)
    try:
        found = answer.json()
    except ValueError:
        found = None
    if answer.status_code >= 400 or not isinstance(found, dict):
        raise OAuth2Error(f"{url} answered {answer.status_code}")
    return found


class Adapter(OAuth2Adapter):
    """The part of OAuth 2 that all have in common; `provider_id` is the way's own name."""

    authorize_path = token_path = ""

    def __init__(self, request: HttpRequest, provider: Way) -> None:
        self.provider, self.provider_id = provider, provider.sub_id
        super().__init__(request)

    def get_provider(self) -> Way:
        """The provider with its application."""
        return self.provider

    @property
    def authorize_url(self) -> str:
        """Where people are sent."""
        return self.provider.option("authorize_base") + self.authorize_path

    @property
    def access_token_url(self) -> str:  # type: ignore[override]
        """Where a code becomes a token."""
        return self.provider.option("base") + self.token_path

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Where people come back to: on the public address of this installation."""
        path = reverse("way_back", args=[self.provider_id])
        return settings.PUBLIC.geturl().rstrip("/") + path if settings.PUBLIC else request.build_absolute_uri(path)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """Ask who it is."""
        return self.provider.sociallogin_from_response(request, self.who(token.token, kwargs["response"]))

    def who(self, token: str, response: dict[str, Any]) -> dict[str, Any]:
        """What the provider says about the person."""
        raise NotImplementedError


class Account(ProviderAccount):
    """A linked account as its owner sees it."""

    def to_str(self) -> str:
        """The name it has at the provider."""
        return str(self.account.extra_data.get("name") or self.account.uid)


class Way(OAuth2Provider):
    """A way in: a provider and the application that the company has registered there."""

    account_class = Account
    oauth2_adapter_class: type[Adapter] = Adapter
    pkce_enabled_default = True
    defaults: dict[str, str] = {}
    matches: tuple[str, ...] = ()
    """What the provider vouches for, by which an administrator may let people be found."""

    def option(self, name: str) -> str:
        """A setting of the application, or the provider's public address."""
        return str(self.app.settings.get(name) or self.defaults.get(name, "")).rstrip("/")

    def get_oauth2_adapter(self, request: HttpRequest) -> Adapter:
        """The protocol's side."""
        return self.oauth2_adapter_class(request, self)

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        """Where the button leads."""
        return reverse("way_start", args=[self.sub_id])

    def get_auth_params_from_request(self, request: HttpRequest, action: Any) -> dict[str, Any]:
        """Nothing of what goes to the provider comes out of the address bar."""
        return self.get_auth_params()

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Somebody either signs in or binds an account; the form says which."""
        kwargs = super().get_redirect_from_request_kwargs(request)
        connecting = request.POST.get("process") == AuthProcess.CONNECT
        return kwargs | {"process": AuthProcess.CONNECT if connecting else AuthProcess.LOGIN}

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """Nor does what is asked for."""
        return self.get_scope()

    def facts(self, data: dict[str, Any]) -> Facts:
        """What is certain about the person."""
        raise NotImplementedError

    def extract_uid(self, data: dict[str, Any]) -> str:
        """The provider's own id of the person."""
        if not (uid := self.facts(data).uid):
            raise ProviderException("the provider named nobody")
        return uid

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Only the name is kept."""
        return {"name": self.facts(data).name}

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> SocialLogin:
        """The sign-in under way, with what is certain about the person beside it."""
        login = super().sociallogin_from_response(request, response)
        login.facts, login.raw = self.facts(response), response
        return login

    def check(self, login: SocialLogin) -> None:
        """Refuse people of other companies; raises ProviderException."""
        wanted = self.app.settings.get("tenant")
        if wanted and login.facts.tenant != wanted:
            raise ProviderException("somebody of another company")


class OidcAdapter(Adapter):
    """OpenID Connect with discovery; the token is checked by signature, issuer, audience, time and nonce."""

    @property
    def config(self) -> dict[str, Any]:
        """What the provider publishes about itself."""
        if not hasattr(self, "_config"):
            url = self.provider.option("server_url")
            self._config = ask("GET", url if "/.well-known/" in url else f"{url}/.well-known/openid-configuration")
        return self._config

    @property
    def authorize_url(self) -> str:
        """Where people are sent."""
        return str(self.config["authorization_endpoint"])

    @property
    def access_token_url(self) -> str:  # type: ignore[override]
        """Where a code becomes a token."""
        return str(self.config["token_endpoint"])

    @property
    def basic_auth(self) -> bool:  # type: ignore[override]
        """How this server wants the secret."""
        known = self.config.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_post" not in known

    def who(self, token: str, response: dict[str, Any]) -> dict[str, Any]:
        """The claims of the checked token, with those of the user info about the same person."""
        if not response.get("id_token"):
            raise OAuth2Error("no id_token")
        claims = self._claims(response["id_token"])
        if url := self.config.get("userinfo_endpoint"):
            more = ask("GET", url, headers={"Authorization": f"Bearer {token}"})
            if more.get("sub") != claims["sub"]:
                raise OAuth2Error("user info is about somebody else")
            claims = more | claims
        return claims

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            keys = jwt.PyJWKSet.from_dict(ask("GET", self.config["jwks_uri"])).keys
            fitting = [key for key in keys if key.key_id == header.get("kid")] or (keys if len(keys) == 1 else [])
            if not fitting:
                raise OAuth2Error("the token is signed by an unknown key")
            claims: dict[str, Any] = jwt.decode(
                token,
                fitting[0],
                algorithms=ALGORITHMS,
                audience=self.provider.app.client_id,
                issuer=self.config["issuer"],
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
        except jwt.PyJWTError as problem:
            raise OAuth2Error("the token is not valid") from problem
        return claims


class Oidc(Way):
    """Any OpenID provider: Entra ID, Keycloak, Authing, Okta …"""

    id = "oidc"
    name = _("OpenID Connect")
    oauth2_adapter_class = OidcAdapter
    matches = ("email", "phone", "employee_no")

    def get_default_scope(self) -> list[str]:
        """Who it is, and how to reach him."""
        return ["openid", "profile", "email"]

    def redirect(self, request: HttpRequest, process: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send the person off with a nonce that only this browser's session knows."""
        nonce = secrets.token_urlsafe(24)
        params = (kwargs.pop("auth_params", None) or self.get_auth_params()) | {"nonce": nonce}
        return super().redirect(request, process, *args, auth_params=params, nonce=nonce, **kwargs)

    def facts(self, data: dict[str, Any]) -> Facts:
        """Mail address and phone count where the provider has verified them."""
        number = str(data.get(self.option("employee_claim") or "employee_number") or "")
        return Facts(
            uid=str(data.get("sub") or ""),
            name=str(data.get("name") or data.get("preferred_username") or ""),
            email=str(data.get("email") or "") if data.get("email_verified") is True else "",
            phone=str(data.get("phone_number") or "") if data.get("phone_number_verified") is True else "",
            employee_no=number,
            tenant=str(data.get("tid") or data.get("hd") or ""),
        )

    def check(self, login: SocialLogin) -> None:
        """The token must answer the very question that this session asked."""
        if not secrets.compare_digest(str(login.raw.get("nonce") or ""), str(login.state.get("nonce") or "-")):
            raise ProviderException("the nonce is another one")
        super().check(login)


class FeishuAdapter(Adapter):
    """Feishu's OAuth 2 with PKCE."""

    authorize_path = "/open-apis/authen/v1/authorize"
    token_path = "/open-apis/authen/v2/oauth/token"

    def who(self, token: str, response: dict[str, Any]) -> dict[str, Any]:
        """User info; Feishu says in `code` whether it worked."""
        url = f"{self.provider.option('base')}/open-apis/authen/v1/user_info"
        found = ask("GET", url, headers={"Authorization": f"Bearer {token}"})
        if found.get("code") != 0 or not isinstance(found.get("data"), dict):
            raise OAuth2Error(f"user info: {found.get('code')}")
        return dict(found["data"])


class Feishu(Way):
    """Feishu, or Lark with the addresses set."""

    id = "feishu"
    name = _("Feishu")
    oauth2_adapter_class = FeishuAdapter
    defaults = {"base": "https://open.feishu.cn", "authorize_base": "https://accounts.feishu.cn"}
    matches = ("phone", "email", "employee_no")

    def facts(self, data: dict[str, Any]) -> Facts:
        """The company's own address and number; the private address anybody can type in is not used."""
        return Facts(
            uid=str(data.get("open_id") or ""),
            name=str(data.get("name") or ""),
            phone=str(data.get("mobile") or ""),
            email=str(data.get("enterprise_email") or ""),
            employee_no=str(data.get("employee_no") or ""),
            tenant=str(data.get("tenant_key") or ""),
        )


class DingTalkClient(OAuth2Client):
    """DingTalk takes and gives JSON with names of its own."""

    def get_access_token(self, code: str, pkce_code_verifier: str | None = None, extra_data: Any = None) -> Any:
        """Change a code for a token."""
        body = {
            "clientId": self.consumer_key,
            "clientSecret": self.consumer_secret,
            "code": code,
            "grantType": "authorization_code",
        }
        found = ask("POST", self.access_token_url, json=body)
        if not found.get("accessToken"):
            raise OAuth2Error("no token")
        return {"access_token": found["accessToken"], "expires_in": found.get("expireIn"), "corp": found.get("corpId")}


class DingTalkAdapter(Adapter):
    """DingTalk's sign-in for web pages."""

    client_class = DingTalkClient
    authorize_path = "/oauth2/auth"
    token_path = "/v1.0/oauth2/userAccessToken"

    def __init__(self, request: HttpRequest, provider: Way) -> None:
        super().__init__(request, provider)
        if "authCode" in request.GET:  # DingTalk's name of the code
            sent = request.GET.copy()
            sent["code"] = sent["authCode"]
            request.GET = sent

    def who(self, token: str, response: dict[str, Any]) -> dict[str, Any]:
        """The person's own card, and the company chosen when signing in."""
        url = f"{self.provider.option('base')}/v1.0/contact/users/me"
        found = ask("GET", url, headers={"x-acs-dingtalk-access-token": token})
        return found | {"corpId": response.get("corp")}


class DingTalk(Way):
    """DingTalk."""

    id = "dingtalk"
    name = _("DingTalk")
    oauth2_adapter_class = DingTalkAdapter
    pkce_enabled_default = False  # not part of its protocol
    defaults = {"base": "https://api.dingtalk.com", "authorize_base": "https://login.dingtalk.com"}
    matches = ("phone",)

    def get_default_scope(self) -> list[str]:
        """Who it is, and of which company."""
        return ["openid", "corpid"]

    def get_auth_params(self) -> dict[str, Any]:
        """DingTalk wants to be told that it may ask for consent."""
        return super().get_auth_params() | {"prompt": "consent"}

    def facts(self, data: dict[str, Any]) -> Facts:
        """The phone is the one the account was made with; the mail address is not checked by DingTalk."""
        return Facts(
            uid=str(data.get("unionId") or data.get("openId") or ""),
            name=str(data.get("nick") or ""),
            phone=str(data.get("mobile") or ""),
            tenant=str(data.get("corpId") or ""),
        )


class WeComClient(OAuth2Client):
    """WeCom gives the application a token of its own; the person's code is used with it."""

    def get_redirect_url(self, authorization_url: str, scope: Any, extra_params: dict[str, Any]) -> str:
        """WeCom's names of the usual parameters."""
        params = {"appid": self.consumer_key, "redirect_uri": self.callback_url, "state": self.state, **extra_params}
        return f"{authorization_url}?{urlencode(params)}"

    def get_access_token(self, code: str, pkce_code_verifier: str | None = None, extra_data: Any = None) -> Any:
        """The application's token, and the code with which the person is asked for."""
        params = {"corpid": self.consumer_key, "corpsecret": self.consumer_secret}
        found = ask("GET", self.access_token_url, params=params)
        if found.get("errcode") != 0 or not found.get("access_token"):
            raise OAuth2Error(f"token: {found.get('errcode')}")
        return {"access_token": found["access_token"], "code": code}


class WeComAdapter(Adapter):
    """WeCom's sign-in for web pages of a company's own application."""

    client_class = WeComClient
    authorize_path = "/wwlogin/sso/login"
    token_path = "/cgi-bin/gettoken"

    def who(self, token: str, response: dict[str, Any]) -> dict[str, Any]:
        """Who the code is about: members have a `userid`, others are refused."""
        params = {"access_token": token, "code": response["code"]}
        found = ask("GET", f"{self.provider.option('base')}/cgi-bin/auth/getuserinfo", params=params)
        if found.get("errcode") != 0:
            raise OAuth2Error(f"user info: {found.get('errcode')}")
        return found | {"corpid": self.provider.app.client_id}


class WeCom(Way):
    """WeCom, the companies' WeChat."""

    id = "wecom"
    name = _("WeCom")
    oauth2_adapter_class = WeComAdapter
    pkce_enabled_default = False  # not part of its protocol
    defaults = {"base": "https://qyapi.weixin.qq.com", "authorize_base": "https://login.work.weixin.qq.com"}
    matches = ("employee_no",)

    def get_auth_params(self) -> dict[str, Any]:
        """The application within the company."""
        return super().get_auth_params() | {"login_type": "CorpApp", "agentid": self.option("agent_id")}

    def facts(self, data: dict[str, Any]) -> Facts:
        """A member's account is given by the company, often as its employee number."""
        uid = str(data.get("userid") or "")
        return Facts(uid=uid, name=uid, employee_no=uid, tenant=str(data.get("corpid") or ""))


provider_classes = [WeCom, Feishu, DingTalk, Oidc]
KINDS: dict[str, type[Way]] = {each.id: each for each in provider_classes}
PROBLEMS = (OAuth2Error, ProviderException, requests.RequestException, KeyError)
__all__ = ["KINDS", "PROBLEMS", "Facts", "Way", "provider_classes"]
