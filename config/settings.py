"""Settings. Everything that differs between machines comes from the environment (docs/settings.md)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("SINPAPELEO_DATA", str(BASE_DIR / "var"))).resolve()

DEMO = env.flag("SINPAPELEO_DEMO", True)
"""Sample people, demonstration identity provider, mailbox and keys. Off in production."""
DEBUG = env.flag("SINPAPELEO_DEBUG", False)
PORT = env.number("PORT", 8000)
IDENTITY_PORT = env.number("SINPAPELEO_IDENTITY_PORT", PORT + 1)
SMTP_SINK_PORT = env.number("SINPAPELEO_SMTP_SINK_PORT", PORT + 2)
DEMO_PKI_PORT = env.number("SINPAPELEO_DEMO_PKI_PORT", PORT + 3) if DEMO else 0
"""The demonstration's time stamp authority and revocation lists; 0 for none."""
PUBLIC_URL = env.text("SINPAPELEO_PUBLIC_URL", f"http://127.0.0.1:{PORT}")
SECRET_KEY = env.text("SECRET_KEY") or env.kept_secret(DATA_DIR / "keys" / "django.key")
ALLOWED_HOSTS = env.text("ALLOWED_HOSTS", "127.0.0.1,localhost,testserver").split(",")
SOURCE_URL = env.text("SINPAPELEO_SOURCE_URL")
"""Where the running version's source is offered (AGPL-3.0 section 13)."""
HTTPS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "designer",
    "participation",
    "workflows",
    "notifications",
    "signatures",
    "documents",
    "procedures",
    "accounts",
    "audit",
    "jobs",
    "legaltime",
    "viewflow",
    "django_htmx",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]
VIEWFLOW = {"AUTOREGISTER": False}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.browser_rules",
    "csp.middleware.CSPMiddleware",
    "config.middleware.Compressed",
    "config.middleware.kept_files",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.body_limit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.private_pages",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.whole_numbers",
    "config.middleware.files_unavailable",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                "django.template.loaders.filesystem.Loader",
                "django.template.loaders.app_directories.Loader",
            ]
            if DEBUG
            else [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
                "notifications.context.unread_notices",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA journal_size_limit=67108864;"
        "PRAGMA cache_size=-20000;PRAGMA temp_store=MEMORY;"
        "PRAGMA recursive_triggers=ON"  # else INSERT OR REPLACE passes by the triggers of append-only tables
    ),
}


def database() -> dict[str, Any]:
    """The database of DATABASE_URL, else SQLite in the data folder with fair writers."""
    url = env.text("DATABASE_URL")
    if url and not url.startswith("sqlite"):
        parsed: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
        prepare_after = 5 if env.flag("SINPAPELEO_PREPARED_STATEMENTS", default=True) else None
        parsed.setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=prepare_after)
        return parsed
    name = url.removeprefix("sqlite:///") or str(DATA_DIR / "sinpapeleo.sqlite3")
    return {
        "ENGINE": "config.fair_sqlite",
        "NAME": name,
        "OPTIONS": SQLITE_OPTIONS,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.VerifiedIdentityBackend"]
LOGIN_URL = "accounts:sign_in"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sp" if HTTPS else "sp"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
X_FRAME_OPTIONS = "DENY"
if env.flag("SINPAPELEO_BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = HTTPS  # only here: without the proxy's header every request would look insecure
SILENCED_SYSTEM_CHECKS = ["security.W021"]
"""Browsers' preload lists take whole domains, which is for the institution to decide and cannot soon be undone."""
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
"""Not in a cookie: what was said to one person ends with the session and is not read by the next one."""

LANGUAGE_CODE = "es"
"""There is no es-cl in Django; config.formats gives Chile's formats and pages say lang="es-CL"."""
LANGUAGES = [("es", _("Español")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_THOUSAND_SEPARATOR = False
LANGUAGE_COOKIE_NAME = "__Host-idioma" if HTTPS else "idioma"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_TZ = True
TIME_ZONE = "America/Santiago"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_files.VersionedFiles"},
}
MEDIA_ROOT = DATA_DIR / "files"
CLAMD = env.text("SINPAPELEO_CLAMD")
"""Address of clamd: tcp://host:port or unix:/path; without it nobody looks for viruses."""
S3_BUCKET = env.text("S3_BUCKET")
"""Bucket of an S3-compatible service for the files of people and cases; without one they stay in the data folder."""
S3_ENDPOINT = env.text("S3_ENDPOINT")
S3_REGION = env.text("S3_REGION", "us-east-1")
S3_ACCESS_KEY = env.text("S3_ACCESS_KEY")
S3_SECRET_KEY = env.text("S3_SECRET_KEY")
CHILD_PATIENCE = env.number("SINPAPELEO_CHILD_PATIENCE", 1)
"""By how much the wall time is multiplied that a child process may take over a file, where machines are busy."""
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
MAX_BODY = 256 * 1024 * 1024
"""Bytes of a whole request, files included; each question has its own limit of at most 50 MB."""

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = env.number("EMAIL_PORT", SMTP_SINK_PORT)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "no-responder@sinpapeleo.example")
DEMO_MAIL_DIR = DATA_DIR / "mail"

OIDC_ISSUER = env.text("OIDC_ISSUER", f"http://127.0.0.1:{IDENTITY_PORT}/openid")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID", "sin-papeleo-demo" if DEMO else "")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET") or (
    env.kept_secret(DATA_DIR / "keys" / "oidc-client.key") if DEMO else ""
)
OIDC_USERINFO_METHOD = env.text("OIDC_USERINFO_METHOD", "POST")
OIDC_SCOPE = env.text("OIDC_SCOPE", "openid run name")
OIDC_AUTHORIZE_URL = env.text("OIDC_AUTHORIZE_URL")
"""Without this address the provider's discovery document gives all five; ClaveÚnica documents none."""
OIDC_TOKEN_URL = env.text("OIDC_TOKEN_URL")
OIDC_USERINFO_URL = env.text("OIDC_USERINFO_URL")
OIDC_JWKS_URL = env.text("OIDC_JWKS_URL")
"""Empty when the provider publishes no keys: then the token is trusted because it came over TLS."""
OIDC_LOGOUT_URL = env.text("OIDC_LOGOUT_URL")
OIDC_FRESH_BY_LOGOUT = env.flag("OIDC_FRESH_BY_LOGOUT", False)
"""For providers without `prompt=login` and `auth_time`: end their session before a signature."""

KEYS_DIR = Path(env.text("SINPAPELEO_KEYS", str(DATA_DIR / "keys")))
"""Key-encryption keys and, in the demonstration, the software signing keys."""
TSA_URL = env.text("TSA_URL", f"http://127.0.0.1:{DEMO_PKI_PORT}/tsa" if DEMO_PKI_PORT else "")
"""RFC 3161 timestamp authority; without one a signature is B-B and the page says so."""
TSA_REQUIRED = env.flag("TSA_REQUIRED", True)
"""Whether a signature waits for an authority that does not answer; else it goes without its stamp and says so."""

CELERY_APP = "config.celery.app"
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "memory://")
CONNECTORS = env.text("SINPAPELEO_CONNECTORS", "")
KEEP_JOBS = timedelta(days=env.number("SINPAPELEO_JOB_DAYS", 90))
"""How long a finished job stays in its table: staff see its effects there; the case's history keeps them for ever."""
HEARTBEAT_DIR = DATA_DIR / "heartbeat"

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, "/".join(OIDC_ISSUER.split("/")[:3])],
        "frame-ancestors": [NONE],
    }
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "logging.Formatter" if DEBUG else "config.logs.Discreet",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {name: {"level": "INFO"} for name in ("jobs", "workflows", "signatures", "notifications")},
}
