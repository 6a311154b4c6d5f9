"""An identity provider for the demonstration: real OpenID Connect with ClaveÚnica's claims, and no passwords.

It runs as a process of its own (`manage.py demo_identity`), so that the site reaches it over HTTP exactly as it
would reach ClaveÚnica. It keeps codes in memory and refuses to start outside the demonstration.
"""
