"""The only writers of cases. Each locks one case first, re-reads inside the lock, and records what it did."""
