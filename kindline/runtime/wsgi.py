"""The pages: one synchronous application, served by several worker processes."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kindline.runtime.settings")

application = get_wsgi_application()
