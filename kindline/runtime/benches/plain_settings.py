"""The settings of `plain`: ours for the tables, those of a new Wagtail project for everything that a request meets."""

from kindline.runtime.settings import *  # noqa: F403 - a settings module's way to begin with another's

ROOT_URLCONF = "kindline.runtime.benches.plain"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
]
PAGE = """{% load wagtailcore_tags %}<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ page.title }}</title></head>
<body><nav>{% for one in page.get_siblings.live %}<a href="{% pageurl one %}">{{ one.title }}</a>{% endfor %}</nav>
<main><h1>{{ page.title }}</h1>{% for block in page.body %}{% include_block block %}{% endfor %}</main></body></html>"""
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [("django.template.loaders.locmem.Loader", {"plain.html": PAGE})],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
