"""What the pages show: data for templates, which decide nothing."""
