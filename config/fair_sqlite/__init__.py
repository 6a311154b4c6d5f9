"""SQLite for a small office: one writer at a time, in turn, on a local disk."""
