"""The product's settings plus viewflow's stock tables, which only this bench's own database has."""

from config.settings import *  # noqa: F403  (the very settings that are measured)
from config.settings import INSTALLED_APPS as PRODUCT

INSTALLED_APPS = [*PRODUCT, "viewflow.workflow", "bench"]
