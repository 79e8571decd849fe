"""Settings of the whole site, read from the environment.

Every setting is in .env.example. A missing or nonsensical value stops the start
with a sentence; nothing falls back in silence to something insecure.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv
from environs import Env
from kombu import Queue

from readerstudy.accounts.configuration import (
    SIGN_IN_APPS,
    kinds_in,
    of_libraries,
    session_limits,
)
from readerstudy.accounts.hospitals import hospitals_in
from readerstudy.cases.pacs.servers import PacsServer, servers_in
from readerstudy.email_url import email_settings
from readerstudy.kept_key import kept_key
from readerstudy.languages import letters_in, of_django
from readerstudy.log_levels import logging_at
from readerstudy.media_settings import storages_in
from readerstudy.operations.configuration import metrics_token
from readerstudy.reports.sources.allowed import commands_in, endpoints_in
from readerstudy.sensible_values import refuse_nonsense
from readerstudy.studies.webhooks import receivers as webhooks

ROOT = Path(__file__).resolve().parent.parent

# Into the environment itself: keys that other settings name are looked for there.
load_dotenv(ROOT / ".env")
env = Env()

DEBUG = env.bool("DEBUG", False)
# DEMONSTRATION adds the banner and the demonstration sign-ins to the pages.
DEMONSTRATION = env.bool("DEMONSTRATION", False)


def _writable(folder: Path) -> Path:
    """Return the folder, made if it is not there; stops the start where it can't be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as problem:
        raise ImproperlyConfigured(
            f"DATA_DIR is {folder}, where nothing can be stored: {problem.strerror}. "
            "Name a folder in which this account may write."
        ) from None


DATA_DIR = _writable(Path(env.str("DATA_DIR", str(ROOT / ".data"))).resolve())
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(DATA_DIR / "media")))
try:
    STORAGES = storages_in(
        bucket=env.str("MEDIA_BUCKET", ""),
        endpoint=env.str("S3_ENDPOINT_URL", ""),
        region=env.str("S3_REGION", "us-east-1"),
        key=env.str("S3_ACCESS_KEY", ""),
        secret=env.str("S3_SECRET_KEY", ""),
    )
except ValueError as problem:
    raise ImproperlyConfigured(str(problem)) from None

DATABASE_URL = env.str("DATABASE_URL", f"sqlite:///{DATA_DIR}/readerstudy.sqlite3")

# The embedded site keeps a key of its own; several machines must share one.
SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY:
    if not DATABASE_URL.startswith("sqlite:"):
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Put a long random value into the environment or "
            "into .env; every process of the site needs the same one."
        )
    SECRET_KEY = kept_key(DATA_DIR)

# Earlier ones: what they have signed or encrypted is still read.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
# What pseudonyms of patients follow from: it stays when the signing key is changed.
PSEUDONYM_KEY = env.str("PSEUDONYM_KEY", "") or SECRET_KEY

ALLOWED_HOSTS: list[str] = env.list(
    "ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"], subcast=str.strip
)
CSRF_TRUSTED_ORIGINS: list[str] = env.list(
    "CSRF_TRUSTED_ORIGINS", [], subcast=str.strip
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    *SIGN_IN_APPS,
    "rest_framework",
    "drf_spectacular",
    # The stages, in the order of the data flow.
    "readerstudy.accounts",
    "readerstudy.audit",
    "readerstudy.work",
    "readerstudy.studies",
    "readerstudy.cases",
    "readerstudy.reports",
    "readerstudy.presentation",
    "readerstudy.grading",
    "readerstudy.analysis",
    "readerstudy.export",
    "readerstudy.operations",
    "readerstudy.demo",
]

MIDDLEWARE = [
    "readerstudy.measured.measured",
    "readerstudy.headers.safe_headers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "readerstudy.language.ReadersLanguage",
    "readerstudy.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "readerstudy.body_limits.BodiesLimited",
    "django.middleware.csrf.CsrfViewMiddleware",
    "readerstudy.accounts.sessions.WhoAsks",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "readerstudy.studies.account.middleware.SessionRules",
    "readerstudy.middleware.SignInRequired",
    "readerstudy.middleware.explained",
    "readerstudy.not_found.refuse_null",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "readerstudy.urls"
WSGI_APPLICATION = "readerstudy.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "readerstudy.accounts.context.site",
                *(["readerstudy.demo.context.sign_ins"] if DEMONSTRATION else []),
            ],
            "builtins": ["django.templatetags.static"],
        },
    }
]

# --- Database: SQLite as the embedded default, PostgreSQL by DATABASE_URL ---

_SQLITE_OPTIONS: dict[str, Any] = {
    "timeout": 20,
    # A deferred transaction that reads first and writes later fails at once with
    # "database is locked"; an immediate one waits its turn.
    "transaction_mode": "IMMEDIATE",
    # FULL: a grade that was acknowledged survives a power cut.
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; "
        # An INSERT OR REPLACE asks the triggers that keep rows, too.
        "PRAGMA recursive_triggers=ON;"
    ),
}
_database = env.dj_db_url("DATABASE_URL", DATABASE_URL)
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = _SQLITE_OPTIONS
elif not _database["ENGINE"].endswith("postgresql"):
    raise ImproperlyConfigured(
        "DATABASE_URL must begin with sqlite:// or postgres://; other databases are "
        "not supported."
    )
else:
    _database["ENGINE"] = "readerstudy.postgresql"
    # A connection costs the server a process and more time than most requests. Each
    # thread keeps its own for ten minutes, and looks first whether it still works.
    _database["CONN_MAX_AGE"] = 600
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = {
        # A process that is frozen in the middle of a transaction would keep its locks,
        # and with them every reader of a study, for as long as it is frozen.
        "options": "-c idle_in_transaction_session_timeout=2min",
        # A database machine that vanishes answers nothing, not even that it is gone:
        # without these a request would wait for minutes.
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    } | _database.get("OPTIONS", {})
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Celery: the filesystem broker as the embedded default, Redis by BROKER_URL ---

_BROKER_URL = env.str("BROKER_URL", "filesystem://")
CELERY_BROKER_URL = _BROKER_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
# What models write goes to `gpu`, all else to `cpu`; a worker that is told nothing
# takes from both.
CELERY_TASK_DEFAULT_QUEUE = "cpu"
CELERY_TASK_QUEUES = (Queue("cpu"), Queue("gpu"))
# Whether `celery beat` runs beside the workers: they leave regular chores to it.
SCHEDULER = env.bool("SCHEDULER", False)
CELERY_BEAT_MAX_LOOP_INTERVAL = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
if _BROKER_URL.startswith("filesystem://"):
    _broker = DATA_DIR / "broker"
    _broker.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT = "readerstudy.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "folder": str(_broker),
        "polling_interval": 0.05,
    }
else:
    # A message that a killed worker held comes back in seconds, not in an hour. The
    # Job table makes the second delivery harmless.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 60,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 5,
        # A broker that takes a line and says nothing holds nobody for good; a worker
        # that waits for work hears of it every few seconds.
        "socket_timeout": 15,
    }

# A worker holds a job for this long without a heartbeat before another may take it.
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", 30)
JOB_MAXIMUM_ATTEMPTS = env.int("JOB_MAXIMUM_ATTEMPTS", 3)

# --- PACS ---


def _pacs_servers() -> dict[str, PacsServer]:
    """The DICOMweb servers by name; stops the start where they make no sense."""
    try:
        return servers_in(
            env.str("DICOMWEB_SERVERS", ""), env.str("DICOMWEB_CA_FILE", "")
        )
    except ValueError as problem:
        raise ImproperlyConfigured(f"DICOMWEB_SERVERS: {problem}") from None


DICOMWEB_SERVERS = _pacs_servers()

# --- Bringing cases in ---

# Folders of the server that site coordinators may import from; none by default.
IMPORT_ROOTS: list[str] = env.list("IMPORT_ROOTS", [])
INTAKE_LARGEST_FILE_BYTES = env.int("INTAKE_LARGEST_FILE_BYTES", 4 * 1024**3)
# Small enough for a proxy and for a line that breaks, large enough to be quick.
INTAKE_CHUNK_BYTES = env.int("INTAKE_CHUNK_BYTES", 4 * 1024**2)
INTAKE_KEPT_FREE_BYTES = env.int("INTAKE_KEPT_FREE_BYTES", 1024**3)
# A worker takes files in for so long; then it is others' turn.
INTAKE_SLICE_SECONDS = env.float("INTAKE_SLICE_SECONDS", 20.0)
# Where cases go by pseudonyms, the names of files that were not taken stand on the
# delivery's page for so long after its end; 0 for not at all.
INTAKE_NAMES_KEPT_HOURS = env.int("INTAKE_NAMES_KEPT_HOURS", 24)
# A delivery that nobody came back to for so long is ended, and its bytes removed.
INTAKE_KEPT_DAYS = env.int("INTAKE_KEPT_DAYS", 30)
# Pixels and originals that no image refers to are removed at this age.
LEFTOVERS_KEPT_DAYS = env.int("LEFTOVERS_KEPT_DAYS", 7)
# What one file may take of the process that reads it: so many seconds of a processor
# (four times as many on the clock), and so much memory.
PARSER_SECONDS = env.int("PARSER_SECONDS", 60)
PARSER_MEMORY_MB = env.int("PARSER_MEMORY_MB", 4096)
for _root in IMPORT_ROOTS:
    if not Path(_root).is_absolute():
        raise ImproperlyConfigured(
            f"IMPORT_ROOTS names {_root!r}: give whole paths, which begin with a slash."
        )

# --- CXR-LLaVA ---

CXR_LLAVA_CHECKPOINT = env.str(
    "CXR_LLAVA_CHECKPOINT", str(ROOT / "inference" / "demonstration")
)
CXR_LLAVA_DEVICE = env.str("CXR_LLAVA_DEVICE", "")
# A worker takes at most so many reports at once. Eight fill the cores of a CPU and are
# written in a few seconds; a GPU wants more, as many as its memory holds.
CXR_LLAVA_BATCH = env.int("CXR_LLAVA_BATCH", 8)
if CXR_LLAVA_BATCH < 1:
    raise ImproperlyConfigured(
        f"CXR_LLAVA_BATCH is {CXR_LLAVA_BATCH}: a worker takes at least one report."
    )

# --- Other sources of reports ---

# What coordinators may choose from; nothing else is called, started or loaded.
try:
    _setting = "REPORT_ENDPOINTS"
    REPORT_ENDPOINTS = endpoints_in(env.str("REPORT_ENDPOINTS", ""))
    _setting = "REPORT_COMMANDS"
    REPORT_COMMANDS = commands_in(env.str("REPORT_COMMANDS", ""))
except ValueError as problem:
    raise ImproperlyConfigured(f"{_setting}: {problem}") from None
REPORT_MODELS: list[str] = list(filter(None, env.list("REPORT_MODELS", [])))
# An endpoint that says nothing for so long is asked again, first after so long a wait.
REPORT_ENDPOINT_SECONDS = env.float("REPORT_ENDPOINT_SECONDS", 120.0)
REPORT_ENDPOINT_WAIT = env.float("REPORT_ENDPOINT_WAIT", 1.0)

# --- Webhooks ---

# Whom coordinators may have told; no other address is ever called.
try:
    WEBHOOKS = webhooks.configured(
        receivers=env.str("WEBHOOK_RECEIVERS", ""),
        tries=env.int("WEBHOOK_TRIES", 8),
        wait=env.float("WEBHOOK_WAIT_SECONDS", 30.0),
        failures=env.int("WEBHOOK_FAILURES", 5),
    )
except ValueError as problem:
    raise ImproperlyConfigured(f"Webhooks: {problem}") from None

# --- De-identification ---

# Keep each radiograph as it came, with all that identifies the patient, under
# MEDIA_ROOT/originals, whichever way it came in. No page serves it.
KEEP_ORIGINALS = env.bool("KEEP_ORIGINALS", False)

# --- People: signing in, second factors, sessions ---

AUTH_USER_MODEL = "accounts.User"
SESSION_ENGINE = "readerstudy.accounts.sessions"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
# Believe what a proxy says of a request: its scheme and the address it came from.
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", False)
try:
    SECOND_FACTOR_REQUIRED = kinds_in(
        env.str("SECOND_FACTOR_REQUIRED", ""), is_open=DEBUG or DEMONSTRATION
    )
    SESSION_IDLE_SECONDS, SESSION_COOKIE_AGE = session_limits(
        idle_minutes=env.int("SESSION_IDLE_MINUTES", 60),
        hours=env.int("SESSION_HOURS", 12),
    )
    OIDC_SERVERS = hospitals_in(env.str("OIDC_SERVERS", ""), os.environ)
    _people = of_libraries(
        reauthentication_minutes=env.int("REAUTHENTICATION_MINUTES", 10),
        failures=env.int("SIGN_IN_FAILURES", 5),
        locked_minutes=env.int("SIGN_IN_LOCKED_MINUTES", 15),
        hospitals=OIDC_SERVERS,
        is_open=DEBUG or DEMONSTRATION,
    )
except ValueError as problem:
    raise ImproperlyConfigured(f"People: {problem}") from None
vars().update(_people)

# --- Cookies, https, headers ---

SECURE_COOKIES = env.bool("SECURE_COOKIES", not (DEBUG or DEMONSTRATION))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if SECURE_COOKIES and BEHIND_TLS_PROXY:
    # Browsers take such a cookie from this very host alone, by https alone.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
# A message may name an arm. It ends with the session of the person it was for; in a
# cookie it would wait for whoever signs in next at the same computer.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", BEHIND_TLS_PROXY)
# Whoever asks whether the process is up stands behind the proxy.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
# Two years; browsers are only told over https.
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 2 * 365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", False)
# Whether other names below this one have https, and whether browsers are delivered with
# the whole domain, only its owner knows: no warning says that they should.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "object-src": ["'none'"],
        "worker-src": ["'none'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        # static/trusted.js makes the one policy there may be.
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default"],
    }
}

# --- Uploads: see also INTAKE_LARGEST_FILE_BYTES ---

# Fifty visits of five thousand events each, the longest page of grades there may be.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024**2
# No form has more than one; it may be larger than the memory behind /tmp.
DATA_UPLOAD_MAX_NUMBER_FILES, FILE_UPLOAD_TEMP_DIR = 1, DATA_DIR
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# --- E-mail ---

# To the terminal, unless a server is named.
try:
    vars().update(email_settings(env.str("EMAIL_URL", "consolemail:")))
except ValueError as problem:
    raise ImproperlyConfigured(str(problem)) from None
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "readerstudy@localhost")
# The beginning of every link in a letter.
SITE_URL = env.str("SITE_URL", "")
if SITE_URL and not SITE_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured(
        f"SITE_URL is {SITE_URL!r}: it begins with https:// and the site's name."
    )

# --- Static files, language, time ---

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [ROOT / "static"]
WHITENOISE_USE_FINDERS = True
vars().update(of_django(root=ROOT, is_secure=SECURE_COOKIES))
try:
    LETTER_LANGUAGES = letters_in(env.str("LETTER_LANGUAGES", "en"))
except ValueError as problem:
    raise ImproperlyConfigured(str(problem)) from None
USE_TZ = True
TIME_ZONE = "UTC"

# --- API ---

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "readerstudy.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "readerstudy.accounts.scopes.TokenReaches",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["readerstudy.api_bodies.BoundedJSON"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "readerstudy",
    "DESCRIPTION": "Blinded reader studies of AI-written chest X-ray reports.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "readerstudy.api_document.add_refusals",
        "readerstudy.api_examples.add_examples",
    ],
}

# --- Logs ---

DEFAULT_EXCEPTION_REPORTER_FILTER = "readerstudy.logs.ErrorReports"
try:
    LOG_FORMAT = env.str("LOG_FORMAT", "line")
    LOGGING = logging_at(env.str("LOG_LEVEL", "INFO"), LOG_FORMAT)
    # Whoever names it in the Authorization header may read /metrics; nobody else may.
    METRICS_TOKEN = metrics_token(env.str("METRICS_TOKEN", ""))
except ValueError as problem:
    raise ImproperlyConfigured(str(problem)) from None

# What makes no sense in any of these.
try:
    refuse_nonsense(globals())
except ValueError as problem:
    raise ImproperlyConfigured(str(problem)) from None
