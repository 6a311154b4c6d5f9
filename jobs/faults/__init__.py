"""Breaks the job machinery on purpose and counts what was lost or done twice: `manage.py faults`."""
