"""The checks of the publish gate. Importing them registers them."""

from procedures.soundness import (
    acts,
    blocks,
    data,
    dates,
    fields,
    flow,
    forms,
    joins,
    law,
    names,
    outside,
    people,
    plain,
    tables,
    waits,
    writing,
)

__all__ = [
    "acts",
    "blocks",
    "data",
    "dates",
    "fields",
    "flow",
    "forms",
    "joins",
    "law",
    "names",
    "outside",
    "people",
    "plain",
    "tables",
    "waits",
    "writing",
]
