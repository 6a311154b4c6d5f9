"""The catalogue of all procedures, digital or not: its search, its import, and what fichas show before starting."""
