"""The demonstration's mail: a real SMTP server that delivers nothing, and a page that shows what it received."""
