"""Advice on a draft: what the gate suggests, what its people suggest, and what somebody chose not to follow."""
