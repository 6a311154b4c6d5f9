"""What pages show, computed before the template."""
