"""Helping somebody who calls: who they are, and how far that goes."""
