"""All settings of an installation; every knob is an environment variable, listed in docs/production.md."""

import os
import tempfile
from pathlib import Path

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _

from xiaoguan.config import database, environment, secret, storage

PACKAGE = Path(__file__).resolve().parent.parent

# --- Where things are kept -------------------------------------------------------------------------------------
# XIAOGUAN_TEST is set by the test suite only: cheap password hashes, unhashed static files, nothing kept.
TESTING = environment.flag("XIAOGUAN_TEST")
XIAOGUAN_HOME = Path(environment.text("XIAOGUAN_HOME", "var")).absolute()
DEBUG = environment.flag("DEBUG")
SECRET_KEY = "only for tests" if TESTING else secret.secret_key(environment.text("SECRET_KEY"), XIAOGUAN_HOME)
DATABASES = {"default": database.parse(environment.text("DATABASE_URL"), XIAOGUAN_HOME / "xiaoguan.sqlite3")}
if TESTING and DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not shared memory: the live server of the browser tests and the test itself are two connections.
    DATABASES["default"] = database.sqlite(":memory:", durable=False)
    DATABASES["default"]["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"xiaoguan-test-{os.getpid()}.sqlite3")}
if TESTING:
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # a kept connection would stand in the way of dropping the test database
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = (Path(tempfile.gettempdir()) / "xiaoguan-test-files") if TESTING else XIAOGUAN_HOME / "files"

# --- Who may call ----------------------------------------------------------------------------------------------
# XIAOGUAN_URL is the public address; https there switches on secure cookies, HSTS and the redirect.
PUBLIC = environment.address("XIAOGUAN_URL", ("http", "https"))
HTTPS = PUBLIC is not None and PUBLIC.scheme == "https"
ALLOWED_HOSTS = environment.words("XIAOGUAN_HOSTS", "localhost,127.0.0.1,[::1]")
if PUBLIC and PUBLIC.hostname:
    ALLOWED_HOSTS.append(PUBLIC.hostname)
    CSRF_TRUSTED_ORIGINS = [f"{PUBLIC.scheme}://{PUBLIC.netloc}"]
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# The subdomains and browsers' preload lists are not ours to decide about.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_ENGINE = "xiaoguan.config.sessions"
SESSION_COOKIE_AGE = 14 * 86_400
LANGUAGE_COOKIE_AGE = 365 * 86_400
LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "xiaoguan.kit.pages.late.csrf_failure"
# Only behind a proxy that always sets the header itself; otherwise a client could claim to be on https.
if environment.flag("XIAOGUAN_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

# Where `xiaoguan serve` listens, and with how many processes of how many threads.
# Calls of one access token in a minute, counted in each web process by itself.
XIAOGUAN_API_CALLS_A_MINUTE = environment.number("XIAOGUAN_API_CALLS_A_MINUTE", 600, least=1)
# Files of lists that one person may fetch in a minute, whichever process gives them.
EXPORTS_A_MINUTE = environment.number("XIAOGUAN_EXPORTS_A_MINUTE", 20, least=1)
SERVE_HOST = environment.text("HOST", "127.0.0.1")
SERVE_PORT = environment.number("PORT", 8000)
WEB_PROCESSES = environment.number("XIAOGUAN_WEB_WORKERS", min(2, os.cpu_count() or 1), least=1)
WEB_THREADS = environment.number("XIAOGUAN_WEB_THREADS", 4, least=1)

TILE_HOST = environment.text("XIAOGUAN_TILE_HOST")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:", "blob:", *([TILE_HOST] if TILE_HOST else [])],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],  # providers are reached by a page that leads there: apps/signin/ways.py
    }
}

# --- What it is made of ----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "xiaoguan.kit",
    "xiaoguan.transfer",
    "xiaoguan.api",
    "xiaoguan.files",
    "xiaoguan.apps.org",
    "xiaoguan.apps.audit",
    "xiaoguan.apps.operation",
    "xiaoguan.apps.ownfields",
    "xiaoguan.apps.notices",
    "xiaoguan.apps.webhooks",
    "xiaoguan.apps.intake",
    "xiaoguan.apps.collaboration",
    "xiaoguan.apps.enclosures",
    "xiaoguan.apps.approvals",
    "xiaoguan.apps.signin",
    "xiaoguan.apps.merging",
    "xiaoguan.apps.customers",
    "xiaoguan.apps.territories",
    "xiaoguan.apps.projects",
    "xiaoguan.apps.opportunities",
    "xiaoguan.apps.quotes",
    "xiaoguan.apps.commerce",
    "xiaoguan.apps.leads",
    "xiaoguan.apps.pools",
    "xiaoguan.apps.billing",
    "xiaoguan.apps.activities",
    "xiaoguan.apps.expenses",
    "xiaoguan.apps.process",
    "xiaoguan.apps.metrics",
    "xiaoguan.apps.goals",
    "xiaoguan.apps.handover",
    "xiaoguan.apps.forecast",
    "xiaoguan.apps.dashboards",
    "xiaoguan.apps.insight",
    "xiaoguan.apps.briefing",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
]
MIDDLEWARE = [
    "xiaoguan.apps.operation.middleware.TraceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "xiaoguan.config.language.PersonLocaleMiddleware",
    "xiaoguan.apps.org.preferences.AmountsMiddleware",
    "xiaoguan.kit.feed.TokensMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "xiaoguan.apps.signin.middleware.VisitMiddleware",
    "xiaoguan.apps.signin.middleware.LockedMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "xiaoguan.config.urls"
WSGI_APPLICATION = "xiaoguan.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,  # cached by Django unless DEBUG
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "xiaoguan.kit.nav.context",
                "xiaoguan.apps.org.preferences.context",
                "xiaoguan.config.signin.demo",
                "xiaoguan.apps.signin.ways.context",
            ],
        },
    }
]

# --- People ----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "org.Person"
XIAOGUAN_UNIT_MODEL = "org.Team"
AUTHENTICATION_BACKENDS = ["xiaoguan.apps.signin.backends.PersonBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "xiaoguan.apps.org.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "xiaoguan.apps.org.passwords.OwnWordsValidator"},
    {"NAME": "xiaoguan.apps.org.passwords.UsedValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "xiaoguan.apps.signin.adapters.Door"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900  # seconds for which a proof of who is there lasts before rights are changed
ACCOUNT_FORMS = {
    "login": "xiaoguan.apps.signin.forms.SignIn",
    "change_password": "xiaoguan.apps.signin.forms.NewPassword",
}
# One throttle counts everything that can be guessed: apps/org/throttle.py.
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ADDRESS_TRIES = environment.number("XIAOGUAN_ADDRESS_TRIES", 20, least=1)
MFA_ADAPTER = "xiaoguan.apps.signin.adapters.Factors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "preferred"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "xiaoguan.apps.signin.forms.Code",
    "reauthenticate": "xiaoguan.apps.signin.forms.ConfirmCode",
    "activate_totp": "xiaoguan.apps.signin.forms.FirstCode",
    "add_webauthn": "xiaoguan.apps.signin.forms.NewPasskey",
    "edit_webauthn": "xiaoguan.apps.signin.forms.PasskeyName",
}
SOCIALACCOUNT_ADAPTER = "xiaoguan.apps.signin.linking.Accounts"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
# Ways in that the environment fixes: one JSON object per provider, as the page of the administrator stores them.
IDENTITY_PROVIDERS = environment.objects("XIAOGUAN_IDENTITY_PROVIDERS")

# --- Language and time -----------------------------------------------------------------------------------------
LANGUAGE_CODE = environment.choice("XIAOGUAN_LANGUAGE", "zh-hans", ("zh-hans", "en"))
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
XIAOGUAN_FONTS = environment.text("XIAOGUAN_FONTS")
"""A folder of typefaces for what is printed, beside those of the system."""
TIME_ZONE = environment.text("XIAOGUAN_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
FORMAT_MODULE_PATH = ["xiaoguan.config.formats"]

# --- Static files ----------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = XIAOGUAN_HOME / "static"  # a disposable copy, written by `xiaoguan serve`
STATICFILES_DIRS = [PACKAGE / "static"]
STORAGES = {
    "default": storage.of_files(),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if TESTING or DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = DEBUG
# Lists with more rows are exported by a job; what is smaller is sent with the answer.
EXPORT_AT_ONCE = environment.number("XIAOGUAN_EXPORT_AT_ONCE", 20_000)
# Whether figures may be copied into columns for quick answers, where the extra is installed and it pays.
XIAOGUAN_COLUMNS = environment.flag("XIAOGUAN_COLUMNS", True)
# The largest file that people may attach, in megabytes; a proxy in front must let as much through.
XIAOGUAN_FILE_MB = environment.number("XIAOGUAN_FILE_MB", 25, least=1)
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # the target grid posts one field per person and month

# --- What leaves the house -------------------------------------------------------------------------------------
# smtp://, smtps:// or smtp+starttls://name:password@host:port; without it nobody gets mails.
_mail = environment.address("XIAOGUAN_MAIL", ("smtp", "smtps", "smtp+starttls"))
_port = (_mail.port or {"smtps": 465, "smtp+starttls": 587}.get(_mail.scheme, 25)) if _mail else 0
MAIL_SERVER = f"{_mail.hostname}:{_port}" if _mail else ""
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _mail else 'dummy'}.EmailBackend"
if _mail:
    EMAIL_HOST, EMAIL_PORT = _mail.hostname, _port
    EMAIL_HOST_USER = environment.unquoted(_mail.username)
    EMAIL_HOST_PASSWORD = environment.unquoted(_mail.password)
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp+starttls"
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = environment.text("XIAOGUAN_MAIL_FROM", f"xiaoguan@{PUBLIC.hostname if PUBLIC else 'localhost'}")
# The folder below which scheduled imports may watch folders; without it they read web addresses only.
INTAKE_ROOT = environment.text("XIAOGUAN_INTAKE") or None
# Inner machines that webhooks and robots may call: host or host:port; everything else must be on the public internet.
INTERNAL_RECEIVERS = [each.lower() for each in environment.words("XIAOGUAN_INTERNAL_RECEIVERS")]

# --- Cache and messages ----------------------------------------------------------------------------------------
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "xiaoguan_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
if TESTING:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# --- Metrics ---------------------------------------------------------------------------------------------------
# /metrics is there once a token or addresses are given; where both are, both must fit.
METRICS_TOKEN = environment.text("XIAOGUAN_METRICS_TOKEN")
METRICS_ADDRESSES = environment.networks("XIAOGUAN_METRICS_ADDRESSES")
METRICS = bool(METRICS_TOKEN or METRICS_ADDRESSES)
if METRICS and not TESTING:  # read when prometheus_client is imported: the processes of this machine count together
    METRICS_FOLDER = XIAOGUAN_HOME / "metrics"
    METRICS_FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(METRICS_FOLDER))

# --- Logging ---------------------------------------------------------------------------------------------------
LOG_FORMAT = environment.choice("XIAOGUAN_LOG_FORMAT", "text", ("text", "json"))
# A line per request and job: for machines that collect them; people read what is slow or fails.
REQUEST_LOG = environment.flag("XIAOGUAN_REQUEST_LOG", LOG_FORMAT == "json")
SLOW_REQUEST_MS = environment.number("XIAOGUAN_SLOW_REQUEST_MS", 1000, least=1)
SLOW_STATEMENT_MS = environment.number("XIAOGUAN_SLOW_STATEMENT_MS", 250, least=1)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"numbered": {"()": "xiaoguan.apps.operation.trace.Numbered"}},
    "formatters": {
        "text": {
            "()": "xiaoguan.config.logs.TextFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "xiaoguan.config.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["numbered"],
            "formatter": LOG_FORMAT,
        }
    },
    "root": {"handlers": ["stderr"], "level": environment.text("XIAOGUAN_LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        # A page that is not there is the visitor's affair; the proxy's log has it.
        "django.request": {"level": "ERROR"},
        # Unknown hosts are scanners, not faults of ours.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
