"""Cases and drafts that go from one version of a procedure to another: whether they fit, and what changes for whom."""
