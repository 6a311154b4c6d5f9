"""The flow of a procedure as a picture and as an ordered list."""

from procedures.diagram.outline import OutlineItem, outline, who_acts
from procedures.diagram.svg import render_diagram

__all__ = ["OutlineItem", "outline", "render_diagram", "who_acts"]
