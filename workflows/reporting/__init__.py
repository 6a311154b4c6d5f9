"""What systems of other institutions report: its shape, their keys, and the steps that wait for it."""
