"""Opening many cases from a sheet: reading it, checking each row as the form would, and what a row may hold."""
