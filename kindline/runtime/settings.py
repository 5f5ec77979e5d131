"""Django's settings: read from the instance folder, then from the environment (see docs/settings.md)."""

import os
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import django_stubs_ext
from django.utils.translation import gettext_lazy as _

from kindline.runtime import file_settings, ports, speech_model
from kindline.runtime import instance as instances

django_stubs_ext.monkeypatch()  # generic classes of Django (ModelAdmin[Fact]) may be written at run time too

BASE_DIR = Path(__file__).resolve().parents[2]
IS_SUPERVISED = "KINDLINE_PROCESS" in os.environ
"""Whether this is a lasting part of an instance, not a command at a terminal."""
INSTANCE_FOLDER = instances.default_folder()
INSTANCE = instances.read(INSTANCE_FOLDER) if instances.exists(INSTANCE_FOLDER) else instances.blank(INSTANCE_FOLDER)
INSTANCE = INSTANCE.at(instances.own_node())


def _list(name: str, default: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def database(url: str) -> dict[str, Any]:
    """Django's description of the database that a DSN names.

    A silent network is noticed in ten seconds (TCP user time-out and keep-alives), never waited on for ever.
    """
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    options |= {
        "connect_timeout": 10,
        "keepalives": 1,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "application_name": os.environ.get("KINDLINE_PROCESS", "kindline"),
        "prepare_threshold": 0,  # of those in `journal.prepared`; Django binds all others itself
    }
    if os.environ.get("KINDLINE_DATABASE_POOL", "1" if IS_SUPERVISED else "0") == "1":
        # after an outage the next attempt comes soon: left to itself the pool doubles its pauses to minutes
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10, "reconnect_timeout": 5}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


KINDLINE: dict[str, Any] = INSTANCE.content()
"""What `instance.json` says: profile, ports, paths, passwords of the parts."""
SECRET_KEY = INSTANCE.secrets.secret_key
DEBUG = os.environ.get("KINDLINE_DEBUG", "0") == "1"
ALLOWED_HOSTS = _list("KINDLINE_HOSTS", "localhost,127.0.0.1,[::1]")
FILES_HOST = os.environ.get("KINDLINE_FILES_HOST", "").strip().lower()
"""By which name, and nothing else, strangers' files are given; empty: by that of the pages (ADR 45)."""
if FILES_HOST:
    ALLOWED_HOSTS.append(str(urlsplit(f"//{FILES_HOST}").hostname))
CSRF_TRUSTED_ORIGINS = _list("KINDLINE_ORIGINS", "")

DATABASES = {"default": database(INSTANCE.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

OWN_APPS = [
    "journal",
    "staff",
    "clients",
    "files",
    "notifications",
    "conversations",
    "correspondence",
    "readings",
    "appeals",
    "feedback",
    "switchboard",
    "quality",
]
OWN_APPS += ["campaigns", "recordings", "desk", "site", "api"]
EDITOR_APPS = ["wagtail.users", "wagtail.documents", "wagtail.images", "wagtail.search", "wagtail.admin", "wagtail"]
EDITOR_APPS += ["modelcluster", "taggit"]
"""Wagtail, with which the site administrator edits the sections of the site."""
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "ninja",
    *EDITOR_APPS,
    *[f"kindline.{name}" for name in OWN_APPS],
    "kindline.connectors.billing",
]
AUTH_USER_MODEL = "staff.Employee"
AUTHENTICATION_BACKENDS = ["kindline.staff.guessing.Guarded"]

PAGES_KEPT_S = int(os.environ.get("KINDLINE_PAGES_KEPT_S", "2" if IS_SUPERVISED else "0"))
"""So long a process tells a page that is the same for everybody from its memory."""

MIDDLEWARE = [
    "kindline.runtime.proxied.ClientAddress",
    "kindline.runtime.files_host.FilesHost",
    "kindline.site.shelf.Shelf",
    "kindline.runtime.policy.Policy",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "kindline.runtime.our_clock.OurClock",
    "kindline.runtime.shedding.Shed",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "kindline.desk.staying.Authentication",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "kindline.site.trouble.FormOnly",
    "kindline.desk.demanding.OwnSecrets",
    "kindline.site.editing.Guard",
]
ROOT_URLCONF = "kindline.runtime.urls"
WSGI_APPLICATION = "kindline.runtime.wsgi.application"
ASGI_APPLICATION = "kindline.runtime.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kindline.desk.context.everywhere",
                "kindline.site.here.everywhere",
            ],
        },
    }
]

VOICES = _list(
    "KINDLINE_VOICES",
    "kindline.connectors.voices.rhvoice.RHVoice,kindline.connectors.voices.festival.Festival,"
    "kindline.connectors.voices.espeak.Espeak",
)
"""Who says the messages that nobody has recorded: the first that is installed and speaks the language."""
SELF_SERVICE = {"appeal_status": "kindline.appeals.spoken.status"}
"""Who knows what a client asks of the voice menu itself, by the name of the service in menu.yaml."""
OUTAGES = {
    name: f"kindline.appeals.{where}"
    for name, where in (("at", "outages.at"), ("any", "outages.any_open"), ("streets", "outage_streets.named"))
}
"""Who knows of incidents: what is said of those at a place, whether there are any now, which streets they name."""
CALL_RATINGS = {"may_ask": "kindline.feedback.calls.may_ask", "keep": "kindline.feedback.calls.keep"}
"""Who says whether a client is asked for a rating after a talk, and keeps what he presses."""


def mail() -> dict[str, Any]:
    """Which mailbox is read, which relay sends; what is not set is off."""
    read, sent = os.environ.get("KINDLINE_IMAP_URL", ""), os.environ.get("KINDLINE_SMTP_URL", "")
    sender = parseaddr(os.environ.get("KINDLINE_MAIL_FROM", ""))[1]  # the name before it is the organisation's
    folders, done = _list("KINDLINE_IMAP_FOLDERS", "INBOX"), os.environ.get("KINDLINE_IMAP_DONE_FOLDER", "")
    place = "kindline.connectors.mail"
    return {
        "mailbox": {"class": f"{place}.imap.Imap", "url": read, "folders": folders, "done_folder": done}
        if read
        else {},
        "relay": {"class": f"{place}.smtp.Smtp", "url": sent, "sender": sender} if sent and sender else {},
        "own": [sender, *_list("KINDLINE_MAIL_OWN_ADDRESSES", "")],
        "acknowledge": os.environ.get("KINDLINE_MAIL_ACKNOWLEDGE", "0") == "1",
    }


MAIL = mail()


def sms() -> dict[str, Any]:
    """Which gateways take short messages, each an SMPP centre, or Kannel over HTTP; without one they wait."""
    url, sender = os.environ.get("KINDLINE_SMS_URL", ""), os.environ.get("KINDLINE_SMS_FROM", "")
    second = os.environ.get("KINDLINE_SMS_SECOND_URL", "") if url else ""
    back = {
        "callback_url": os.environ.get("KINDLINE_SMS_CALLBACK_URL", ""),
        "callback_key": os.environ.get("KINDLINE_SMS_CALLBACK_KEY", ""),
    }
    return {
        "gateway": _gateway(url, sender, back),
        "second": _gateway(second, os.environ.get("KINDLINE_SMS_SECOND_FROM") or sender, back),
        **(back if any(_is_kannel(one) for one in (url, second)) else {}),
    }


def _is_kannel(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _gateway(url: str, sender: str, back: dict[str, str]) -> dict[str, str]:
    if not url:
        return {}
    told = {"url": url, "sender": sender}
    if _is_kannel(url):
        return {"class": "kindline.connectors.sms.kannel.Kannel", **told, **back}
    return {"class": "kindline.connectors.sms.smpp.Smpp", **told}


SMS = sms()


def push() -> dict[str, Any]:
    """Whether notices go to browsers, who answers for them, and which push services may be asked though not public."""
    origins, contact = _list("KINDLINE_PUSH_ORIGINS", ""), os.environ.get("KINDLINE_PUSH_CONTACT", "")
    mail_from, site = os.environ.get("KINDLINE_MAIL_FROM", ""), os.environ.get("KINDLINE_SITE_URL", "")
    usual = f"mailto:{parseaddr(mail_from)[1]}" if mail_from else site if site.startswith("https://") else ""
    poster = {"class": "kindline.connectors.push.webpush.WebPush", "contact": contact or usual, "origins": origins}
    return {"poster": poster if os.environ.get("KINDLINE_PUSH", "1") == "1" else {}, "origins": origins}


PUSH = push()
SMS_SERVICES = ["kindline.conversations.barring.answer", "kindline.readings.texted.answer"]
"""Who answers a short message of a client by itself, asked in this order; what nobody answers waits for an employee."""
PUBLIC_URL = os.environ.get("KINDLINE_PUBLIC_URL", "").rstrip("/")
"""By which address people reach this instance: letters to employees carry links below it; empty: no links."""
SITE_URL = os.environ.get("KINDLINE_SITE_URL", "").rstrip("/")
"""By which address clients reach the site: links in letters to them; empty: as who books has reached it."""
OWN_PAGES_AT: str = os.environ.get("KINDLINE_WEB_ADDRESS", "").replace("0.0.0.0", "") or "127.0.0.1"  # noqa: S104
"""Where our own pages are opened by ourselves, to see whether they answer."""
ICE: dict[str, Any] = {
    "stun": _list("KINDLINE_STUN_URLS", ""),
    "turn": _list("KINDLINE_TURN_URLS", ""),
    "turn_secret": os.environ.get("KINDLINE_TURN_SECRET", ""),
}
"""Servers of our own that help two browsers to find each other, or carry what they say; none: the browsers alone."""
EMPLOYEE_PAGES = {
    "appeal": "/desk/appeals/{}/",
    "reason": "/desk/reasons/{}/",
    "reasons": "/desk/reasons/",
    "control": "/desk/appeals/control/",
    "mine": "/desk/mine/",
    "wishes": "/desk/wishes/",
    "wallboard": "/desk/wallboard/",
}
"""Pages of the desk that letters to employees lead to, by whoever writes these letters below it."""
WEBHOOK_ORIGINS = _list("KINDLINE_WEBHOOK_ORIGINS", "")
"""Whom webhooks may be sent to, each as https://host or https://host:port; nobody else is called."""
API_KEEPS_DAYS = {
    "WEBHOOK": int(os.environ.get("KINDLINE_WEBHOOK_KEEP_DAYS", "30")),
    "SUBMISSIONS": int(os.environ.get("KINDLINE_SUBMISSIONS_KEEP_DAYS", "90")),
}
"""For how many days news that was told, and keys of programs with their answers, are kept."""


def far(prefix: str) -> dict[str, Any]:
    """The S3-compatible store to which contents are carried from the instance folder; none without a bucket."""
    bucket = os.environ.get("KINDLINE_BUCKET", "")
    words = {
        "class": "kindline.connectors.storage.s3.S3",
        "url": os.environ.get("KINDLINE_BUCKET_URL", ""),
        "bucket": bucket,
        "key": os.environ.get("KINDLINE_BUCKET_KEY", ""),
        "secret": os.environ.get("KINDLINE_BUCKET_SECRET", ""),
        "region": os.environ.get("KINDLINE_BUCKET_REGION", "us-east-1"),
        "prefix": prefix,
    }
    return words if bucket else {}


FILES = file_settings.files(far("files/"))
LINES = ports.lines()
"""What campaigns may take of the telephone."""
STRAIN_FOLDER = INSTANCE_FOLDER / "strain"  # where processes of this machine tell each other that requests wait
RECORDINGS: dict[str, Any] = {"far": far("recordings/")}
"""Where sealed recordings are carried to."""


def speech() -> dict[str, Any]:
    """Who recognises speech: `whisper` on this machine, a server by its address; nobody by default."""
    named, place = os.environ.get("KINDLINE_SPEECH", ""), "kindline.connectors.speech"
    if named == "whisper":
        threads = int(os.environ.get("KINDLINE_SPEECH_THREADS", "1"))
        return {
            "engine": {"class": f"{place}.whisper.Whisper", "folder": str(speech_model.folder()), "threads": threads}
        }
    words = {
        "class": f"{place}.remote.Remote",
        "url": named,
        "model": os.environ.get("KINDLINE_SPEECH_MODEL", "whisper-1"),
        "key": os.environ.get("KINDLINE_SPEECH_KEY", ""),
    }
    return {"engine": words if named else {}}


SPEECH = speech()
KEYS = os.environ.get("KINDLINE_KEYS", "")
"""The folder of the instance keys, under which files and recordings are sealed, where it is not the instance's own."""


def billing() -> dict[str, Any]:
    """The billing system, by the dotted name of its connector: a folder of its files, else the embedded sample."""
    if folder := os.environ.get("KINDLINE_BILLING_FOLDER", ""):
        return {"class": "kindline.connectors.billing.files.FileBilling", "folder": folder}
    return {"class": "kindline.connectors.billing.sample.SampleBilling"}


BILLING = billing()

FILE_UPLOAD_HANDLERS = [
    "kindline.files.arriving.Quota",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LANGUAGES = [("uk", _("Ukrainian")), ("ru", _("Russian")), ("en", _("English"))]
LANGUAGE_CODE = os.environ.get("KINDLINE_LANGUAGE") or INSTANCE.language(dict(LANGUAGES))
LOCALE_PATHS = [BASE_DIR / "kindline" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = INSTANCE_FOLDER / "static"
MEDIA_ROOT = INSTANCE_FOLDER / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if INSTANCE.id
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

WAGTAIL_SITE_NAME = "Kindline"
WAGTAILADMIN_BASE_URL = ""
WAGTAILADMIN_LOGIN_URL = "/login/"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
"""The editor asks nobody outside this machine, and passwords are those of the desk."""

LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/home/"
SECURE_COOKIES = os.environ.get("KINDLINE_HTTPS", "0") == "1"
HOST_ONLY = "__Host-" if SECURE_COOKIES else ""
"""Browsers keep such a cookie only from this very host, over HTTPS, for all paths."""
SESSION_COOKIE_NAME = f"{HOST_ONLY}kindline_{INSTANCE.id}"
DESK_IDLE_MIN = int(os.environ.get("KINDLINE_DESK_IDLE_MIN", "60"))
DESK_SESSION_H = int(os.environ.get("KINDLINE_DESK_SESSION_H", "13"))
SESSION_COOKIE_AGE, SESSION_COOKIE_SAMESITE = (12 + DESK_SESSION_H) * 3600, "Lax"  # `staff.sessions` end sooner
CSRF_FAILURE_VIEW, CSRF_COOKIE_NAME = "kindline.site.refused.csrf", f"{HOST_ONLY}kindline_csrf_{INSTANCE.id}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
if SECURE_COOKIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS = 365 * 24 * 3600, True
PROXY_HOPS = int(os.environ.get("KINDLINE_PROXIES", "0"))
PAID_BREAKS = _list("KINDLINE_PAID_BREAKS", "break,training,meeting")  # kinds of breaks in shifts; others are not paid
SECOND_FACTOR_ROLES = _list("KINDLINE_SECOND_FACTOR_ROLES", "all" if INSTANCE.is_real else "")
"""Of whom it is demanded; it is offered to all. A demonstration, and what began before ADR 78, demand it of none."""
FIRST_PASSWORD_DAYS = int(os.environ.get("KINDLINE_FIRST_PASSWORD_DAYS", "7"))
SECURE_REFERRER_POLICY, X_FRAME_OPTIONS = "same-origin", "DENY"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "kindline.staff.passwords.NotGuessable"},
    {"NAME": "kindline.staff.breached.NotBreached"},
]
BREACHED_PASSWORDS = os.environ.get("KINDLINE_BREACHED_PASSWORDS", "")

PROCRASTINATE_ON_APP_READY: str | None = None

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"class": "kindline.runtime.log_lines.Masked", "format": LINE}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["console"],
        "level": os.environ.get("KINDLINE_LOG_LEVEL", "INFO" if IS_SUPERVISED else "WARNING"),
    },
    "loggers": {name: {"level": "WARNING"} for name in ("procrastinate.periodic", "procrastinate.blueprints")},
}
