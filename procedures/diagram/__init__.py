"""The flow of a procedure as a picture and as an ordered list."""

from procedures.diagram.blocks import ways_out
from procedures.diagram.marks import Mark
from procedures.diagram.outline import OutlineItem, outline, who_acts
from procedures.diagram.svg import render_diagram

__all__ = ["Mark", "OutlineItem", "outline", "render_diagram", "ways_out", "who_acts"]
