"""The OpenID Connect client: the only way for a natural person to come in (D9 3-5, R35)."""
