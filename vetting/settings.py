"""One settings module for both ways to run: embedded (the default, everything under var/) and production.

Production is chosen by CANDID_PRODUCTION=1; then secrets, hosts and HTTPS are demanded instead of assumed.
docs/architecture.md lists the variables.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from vetting import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("CANDID_VAR", str(BASE_DIR / "var")))
PRODUCTION = env.flag("CANDID_PRODUCTION")
DEBUG = env.flag("CANDID_DEBUG")

SILENCED_SYSTEM_CHECKS = env.words("CANDID_SILENCED_CHECKS")  # such as vetting.W004, where it is meant to be so

# --- identity and addresses


def _secret_key() -> str:
    if key := env.text("SECRET_KEY"):
        return key
    kept = VAR_DIR / "secret_key"
    if kept.is_file():
        return kept.read_text().strip()
    if PRODUCTION:
        raise ImproperlyConfigured("Set SECRET_KEY, or SECRET_KEY_FILE to the file that holds it.")
    return secrets.token_urlsafe(50)  # for this process alone; `manage.py prepare` keeps one under var/


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
ROOT_URLCONF = "vetting.urls"
WSGI_APPLICATION = "vetting.wsgi.application"
AUTH_USER_MODEL = "vetting.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "storages",
    "vetting",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "vetting.web.sign_in.demanded.SecondFactorRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {"candid": "vetting.web.templatetags.candid"},
            "builtins": ["vetting.web.templatetags.candid"],
        },
    }
]

# --- the rows: SQLite unless DATABASE_URL says otherwise

DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'candid.sqlite3'}", conn_max_age=60, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that will write takes the lock at its start, so that it waits instead of failing halfway.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        "PRAGMA secure_delete=ON;",  # what is deleted is overwritten, and not left lying in the file
    }

# --- the doorbell: a folder under var/ unless REDIS_URL says otherwise

REDIS_URL = env.text("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL or "folder://localhost/"  # vetting/folder_queue.py
ANALYSIS_TIME_LIMIT = env.number("ANALYSIS_TIME_LIMIT", 60)  # seconds; then the worker child is killed
ANALYSIS_LEASE = timedelta(seconds=env.number("ANALYSIS_LEASE", 90))
BROKER_VISIBILITY = 600  # seconds; time limit < lease < visibility, or two workers examine the same photo
QUEUED_TOO_LONG = timedelta(seconds=env.number("QUEUED_TOO_LONG", 60))  # then the sweep rings again
SWEEP_EVERY = env.number("SWEEP_EVERY", 15)  # seconds
CERTIFY_AT_ONCE = env.number("CERTIFY_AT_ONCE", 2)  # photos of certifications in the queue; applicants come between
BULK_AT_ONCE = env.number("BULK_AT_ONCE", 4)  # photos of imports in the queue; twice the workers keeps all at work
BULK_LEASE = timedelta(seconds=env.number("BULK_LEASE", 120))  # renewed at every row; a killed worker's part waits it
BULK_TIME_LIMIT = 540  # seconds for reading an archive, below BROKER_VISIBILITY; ANALYSIS_TIME_LIMIT is for one photo
QUEUE_DIR = VAR_DIR / "queue"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"visibility_timeout": BROKER_VISIBILITY}
    if REDIS_URL
    else {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "polling_interval": 0.02,  # 200 messages in 2 s; while idle, 1 % of a core
    }
)

# --- originals and previews: folders under var/ unless S3_BUCKET says otherwise

S3_BUCKET = env.text("S3_BUCKET")


def _storage(name: str) -> dict[str, Any]:
    if not S3_BUCKET:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": VAR_DIR / name, "base_url": None},
        }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "location": name,
            "endpoint_url": env.text("S3_ENDPOINT_URL") or None,
            "access_key": env.text("S3_ACCESS_KEY") or None,
            "secret_key": env.text("S3_SECRET_KEY") or None,
            "default_acl": None,
            "file_overwrite": True,
            "querystring_auth": True,
            "max_memory_size": 32 * 1024 * 1024,  # what is larger is read through a file: an import's archive
        },
    }


STORAGES: dict[str, Any] = {
    "default": _storage("uploads"),
    "originals": _storage("originals"),
    "previews": _storage("previews"),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- intake

MAX_PHOTO_BYTES = env.number("MAX_PHOTO_MB", 30) * 1024 * 1024
MAX_PHOTO_PIXELS = env.number("MAX_PHOTO_MEGAPIXELS", 50) * 1_000_000
MAX_PHOTOS_AT_ONCE = env.number("MAX_PHOTOS_AT_ONCE", 50)
MAX_CERTIFICATION_PHOTOS = env.number("MAX_CERTIFICATION_PHOTOS", 5000)
MAX_BULK_BYTES = env.number("MAX_BULK_MB", 2000) * 1024 * 1024  # an archive, or all files of a folder
MAX_BULK_ROWS = env.number("MAX_BULK_ROWS", 20_000)
BULK_KEPT = timedelta(days=env.number("BULK_KEPT_DAYS", 7))  # an archive that nobody gave the word for
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_PHOTOS_AT_ONCE
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "vetting.web.bounded.BoundedUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
TRUST_DIR = Path(env.text("CANDID_TRUST", str(VAR_DIR / "trust")))
FETCH_TRUST = env.flag("CANDID_FETCH_TRUST")  # `manage.py refresh_trust` may ask the network without being told to
TRUST_MIRROR = env.text("CANDID_TRUST_MIRROR")  # an HTTPS address with copies of the lists, in place of the published
PACKS_DIR = Path(env.text("CANDID_PACKS", str(VAR_DIR / "packs")))

# --- retention

# Off, nobody is deleted when an opening's days have passed; pages and `manage.py check` then say so.
RETENTION_ENFORCED = env.flag("CANDID_RETENTION_ENFORCED", default=True)

# --- reports

SIGNING_KEY = env.text("CANDID_SIGNING_KEY")  # Ed25519, as PEM or as the path of a PEM file; vetting/report/keys.py
KEYS_DIR = Path(env.text("CANDID_KEYS", str(VAR_DIR / "keys")))  # public keys, and the embedded site's own private one

# --- programs of the team's own: the API, and addresses that are told of verdicts and decisions

API_CALLS_PER_MINUTE = env.number("API_CALLS_PER_MINUTE", 300)  # of one token; without Redis, in each web process
WEBHOOKS_PRIVATE = env.flag("CANDID_WEBHOOKS_PRIVATE")  # webhooks may go to http:// and to this network's own addresses

# --- watching

METRICS_TOKEN = env.text("CANDID_METRICS_TOKEN")  # opens /metrics; without it there is no such page

# --- pages

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.text("TZ", "UTC")
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("CANDID_STATIC", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "openings"
LOGOUT_REDIRECT_URL = "sign-in"

# --- mail: to the terminal unless EMAIL_URL says otherwise

globals().update(env.mail("EMAIL_URL"))
EMAIL_TIMEOUT = 10  # seconds; a mail server that does not answer must not hold the worker up
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "Candid <candid@localhost>")
SITE_URL = (
    env.text("CANDID_URL") or next(iter(CSRF_TRUSTED_ORIGINS), "") or f"http://localhost:{env.number('PORT', 8000)}"
).rstrip("/")  # for links in mails
SUMMARY_HOUR = env.number("SUMMARY_HOUR", 7)  # o'clock in TZ

# --- access

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PROXY_COUNT = env.number("PROXY_COUNT", 1 if PRODUCTION else 0)  # that stand before this site
AXES_CLIENT_IP_CALLABLE = "vetting.web.pace.client_address"
AXES_FAILURE_LIMIT = env.number("SIGN_IN_ATTEMPTS", 8)
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # locking a name alone would let a stranger lock anybody out
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Beyond the password: both are off until configured (docs/operations.md#single-sign-on). allauth reads the last block.
OIDC_ISSUER = env.text("CANDID_OIDC_ISSUER").rstrip("/")  # such as https://login.example.org/realms/agency
OIDC_CLIENT_ID = env.text("CANDID_OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.text("CANDID_OIDC_CLIENT_SECRET")
OIDC_NAME = env.text("CANDID_OIDC_NAME") or "your organisation"  # on the button: "Sign in with …"
OIDC_ONLY = env.flag("CANDID_OIDC_ONLY")  # passwords then let nobody in but superusers
OIDC_TRUSTS_EMAIL = env.flag("CANDID_OIDC_TRUSTS_EMAIL")  # for a provider that never says whether it verified one
REQUIRE_SECOND_FACTOR = env.flag("CANDID_REQUIRE_SECOND_FACTOR")
SECOND_FACTOR = env.flag("CANDID_SECOND_FACTOR") or REQUIRE_SECOND_FACTOR
ACCOUNT_ADAPTER = "vetting.web.sign_in.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]  # nobody signs up; allauth checks that they fit
ACCOUNT_EMAIL_VERIFICATION = "none"  # team admins enter the addresses
ACCOUNT_LOGIN_TIMEOUT = 10 * 60  # seconds between the password and the code
SOCIALACCOUNT_ADAPTER = "vetting.web.sign_in.adapters.ProviderAdapter"
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "vetting.web.sign_in.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate_webauthn": "vetting.web.sign_in.forms.AuthenticateForm",
    "login_webauthn": "vetting.web.sign_in.forms.SignInForm",
    "reauthenticate_webauthn": "vetting.web.sign_in.forms.ConfirmForm",
    "add_webauthn": "vetting.web.sign_in.forms.AddForm",
}

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:"],  # blob: shows a photo while it is on its way up
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
elif SECOND_FACTOR:  # all web processes must know which code was used, and how often one was guessed
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(VAR_DIR / "cache"),
        }
    }

# --- the log: one line an event, to the terminal; the process supervisor keeps it

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["terminal"], "level": "WARNING"},
    "loggers": {"vetting": {"level": "INFO"}, "detector": {"level": "INFO"}},
}
