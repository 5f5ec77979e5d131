"""The live streams: the desk's own small asynchronous application, in one process."""

import os

import django
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kindline.runtime.settings")
django.setup()

application = import_string("kindline.desk.live.application")
