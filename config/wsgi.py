import gc
import os
from threading import Thread

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# What the program is made of lives as long as the process: without this the collector walks all of it now and again,
# and one request in some tens takes 130 to 250 ms more.
get_resolver().url_patterns  # noqa: B018 (loads every page)
gc.collect()
gc.freeze()
from legaltime.api import load_calendar  # noqa: E402 (it needs the application)

# Beside the first requests: whoever files first would wait a second for it.
Thread(target=load_calendar, daemon=True).start()
