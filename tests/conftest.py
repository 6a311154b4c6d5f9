"""Shared by all tests: a private data folder, fixed before Django reads its settings."""

import os
import tempfile

os.environ["SINPAPELEO_DATA"] = tempfile.mkdtemp(prefix="sinpapeleo-test-")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
