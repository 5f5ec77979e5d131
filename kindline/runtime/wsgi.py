"""The pages: one synchronous application, served by several worker processes."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kindline.runtime.settings")

application = get_wsgi_application()

# What was loaded lives as long as the process: the collector need not look through it again and again.
gc.collect()
gc.freeze()
gc.set_threshold(5_000, 20, 20)
