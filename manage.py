#!/usr/bin/env python
"""Django's command line; people reach it as `./run manage …`."""

import gc
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    if sys.argv[1:2] == ["migrate"]:
        gc.set_threshold(200_000)  # it makes ten thousand classes: looking for garbage so often took half of its time
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
