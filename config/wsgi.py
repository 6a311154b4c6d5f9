import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# What the program is made of lives as long as the process: without this the collector walks all of it now and again,
# and one request in some tens takes 130 to 250 ms more.
get_resolver().url_patterns  # noqa: B018 (loads every page)
gc.collect()
gc.freeze()
