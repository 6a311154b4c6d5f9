"""The checks of the publish gate. Importing them registers them."""

from procedures.soundness import acts, data, fields, flow, forms, joins, law, names, outside, tables, waits, writing

__all__ = ["acts", "data", "fields", "flow", "forms", "joins", "law", "names", "outside", "tables", "waits", "writing"]
