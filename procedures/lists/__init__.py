"""Long lists that staff keep: rows in versions, published once looked at. A form never asks another site for them."""
