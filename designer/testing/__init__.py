"""Saved tests: stories that people keep, played again whenever the procedure changes, that gate its publishing."""
