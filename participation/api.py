"""What the designer may use of participation."""

from participation.operations.roadmap import link_draft, link_published, unlink_draft
from participation.queries.planning import Wish, wish_about, wish_at, wishes_for

__all__ = ["Wish", "link_draft", "link_published", "unlink_draft", "wish_about", "wish_at", "wishes_for"]
