"""The picture as SVG: classes and plain attributes only, so that it stands under a strict content policy."""

from collections.abc import Callable, Mapping, Set
from types import MappingProxyType

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from procedures.diagram.blocks import Strand
from procedures.diagram.layout import Box, Line, Picture, lay_out
from procedures.diagram.marks import Mark
from procedures.diagram.measures import HEADER, LINE_HEIGHT, MARGIN, PADDING, wrapped
from procedures.diagram.outline import who_acts
from procedures.schema import BaseStep, Bundle

ARROW = 7.0


def render_diagram(
    bundle: Bundle,
    *,
    marks: Mapping[str, Mark] = MappingProxyType({}),
    taken: Set[tuple[str, str]] = frozenset(),
    link: Callable[[str], str] = lambda step_id: "",
) -> SafeString:
    """The flow of a bundle as an SVG of its own: top to bottom, the good way straight down, ways back at the side.

    `marks` says by id how steps of a case stand, and `taken` which ways from step to step it took; `link` gives the
    address of a step's page.
    """
    painter = _Painter(bundle, marks, taken, link)
    picture = lay_out(Strand(bundle.steps, has_join=False), painter.words)
    body = painter.picture(picture, MARGIN, MARGIN)
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="diagram-picture" role="{}"'
        ' aria-labelledby="diagram-title diagram-desc"'
        ' viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="system-ui, sans-serif"'
        ' font-size="14"><title id="diagram-title">{}</title><desc id="diagram-desc">{}</desc>{}</svg>\n',
        "group" if painter.has_links else "img",
        f"Recorrido del trámite «{bundle.title}»",
        f"Dibujo de {len(bundle.steps_by_id)} pasos. Los mismos pasos están escritos en una lista.",
        body,
        width=_n(picture.width + 2 * MARGIN),
        height=_n(picture.height + 2 * MARGIN),
    )


class _Painter:
    def __init__(
        self,
        bundle: Bundle,
        marks: Mapping[str, Mark],
        taken: Set[tuple[str, str]],
        link: Callable[[str], str],
    ) -> None:
        self.bundle, self.marks, self.taken, self.link = bundle, marks, taken, link
        self.has_links = False

    def picture(self, picture: Picture, x: float, y: float) -> SafeString:
        boxes = format_html_join("", "{}", ((self._box(box),) for box in picture.boxes if box.step))
        lines = format_html_join("", "{}", ((_line(line, line.ends in self.taken),) for line in picture.lines))
        labels = format_html_join("", "{}", ((_label(line),) for line in picture.lines if line.label))
        return format_html('<g transform="translate({} {})">{}{}{}</g>', _n(x), _n(y), lines, boxes, labels)

    def _box(self, box: Box) -> SafeString:
        step = box.step
        assert step is not None
        drawn = self._block(box, step) if box.branches else self._step(box, step)
        address = self.link(step.id)
        if address:
            self.has_links = True
            return format_html('<a href="{}" class="diagram-link">{}</a>', address, drawn)
        return drawn

    def words(self, step: BaseStep) -> list[str]:
        """The lines of a box: title, who acts, and the state in words (never by colour alone)."""
        mark = self.marks.get(step.id)
        state = wrapped(mark.text) if mark else []
        return [*wrapped(step.title), *wrapped(who_acts(step, self.bundle)), *state]

    def _step(self, box: Box, step: BaseStep) -> SafeString:
        left, top, titles = box.x - box.width / 2, box.y, len(wrapped(step.title))
        texts = format_html_join(
            "",
            '<text class="{}" x="{}" y="{}" text-anchor="middle" font-size="{}" fill="#1d1d1b">{}</text>',
            (
                (
                    "diagram-step-title" if place < titles else "diagram-step-who",
                    _n(box.x),
                    _n(top + LINE_HEIGHT * (place + 1) + 4),
                    14 if place < titles else 12.5,
                    line,
                )
                for place, line in enumerate(self.words(step))
            ),
        )
        return format_html(
            '<g class="diagram-step diagram-{}{}"><rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="#ffffff"'
            ' stroke="#1d1d1b"{}/>{}</g>',
            step.kind,
            self._state(step),
            _n(left),
            _n(top),
            _n(box.width),
            _n(box.height),
            _n(box.height / 2 if step.kind in ("start", "end") else 4),
            self._edge(step),
            texts,
        )

    def _state(self, step: BaseStep) -> str:
        mark = self.marks.get(step.id)
        return f" is-{mark.kind}" if mark else ""

    def _edge(self, step: BaseStep) -> SafeString:
        mark = self.marks.get(step.id)
        outline = mark.outline if mark else {"stroke-width": "1.5"}
        return format_html_join("", ' {}="{}"', outline.items())

    def _block(self, box: Box, step: BaseStep) -> SafeString:
        left, top = box.x - box.width / 2, box.y
        bar_top, bar_bottom = top + HEADER, top + box.height - PADDING
        frame = format_html(
            '<rect class="diagram-block{}" x="{}" y="{}" width="{}" height="{}" rx="8" fill="#f6f6f4" stroke="#6b6b68"'
            ' stroke-dasharray="6 4"/><text class="diagram-step-title" x="{}" y="{}" text-anchor="middle"'
            ' fill="#1d1d1b">{}{}</text>',
            self._state(step),
            _n(left),
            _n(top),
            _n(box.width),
            _n(box.height),
            _n(box.x),
            _n(top + 20),
            step.title,
            f" ({self.marks[step.id].text})" if step.id in self.marks else "",
        )
        inner = format_html_join("", "{}", ((self._branch(box, item, bar_top, bar_bottom),) for item in box.branches))
        middles = [left + x + picture.entry_x for x, _, picture in box.branches]
        ends = [left + x + picture.boxes[-1].x for x, _, picture in box.branches]
        bars = format_html_join(
            "",
            '<path class="diagram-bar" d="M{} {}H{}" stroke="#1d1d1b" stroke-width="4"/>',
            ((_n(min(row) - 12), _n(y), _n(max(row) + 12)) for row, y in ((middles, bar_top), (ends, bar_bottom))),
        )
        return format_html("<g>{}{}{}</g>", frame, inner, bars)

    def _branch(self, box: Box, item: tuple[float, float, Picture], bar_top: float, bar_bottom: float) -> SafeString:
        x, y, picture = item
        left, top = box.x - box.width / 2 + x, box.y + y
        entry, end = left + picture.entry_x, picture.boxes[-1]
        into = Line([(entry, bar_top), (entry, top)])
        out = Line([(left + end.x, top + end.y), (left + end.x, bar_bottom)], has_arrow=False)
        return format_html("{}{}{}", _line(into), _line(out), self.picture(picture, left, top))


def _line(line: Line, is_taken: bool = False) -> SafeString:
    path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in line.points)
    arrow = _arrow(line.points) if line.has_arrow else ""
    return format_html(
        '<g class="diagram-way{}{}" stroke="#4a4a47" fill="none"><path d="{}" stroke-width="{}"{}/>{}</g>',
        " is-back" if line.is_back else "",
        " is-taken" if is_taken else "",
        path,
        4 if is_taken else 1.5,
        mark_safe(' stroke-dasharray="5 3"') if line.is_back else "",
        arrow,
    )


def _arrow(points: list[tuple[float, float]]) -> SafeString:
    (x0, y0), (x, y) = points[-2:]
    dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
    back_x, back_y = x - dx * ARROW, y - dy * ARROW
    side_x, side_y = dy * ARROW / 2, dx * ARROW / 2
    return format_html(
        '<path d="M{} {}L{} {}L{} {}Z" fill="#4a4a47" stroke="none"/>',
        _n(x),
        _n(y),
        _n(back_x + side_x),
        _n(back_y + side_y),
        _n(back_x - side_x),
        _n(back_y - side_y),
    )


def _label(line: Line) -> SafeString:
    x, y = line.label_at
    return format_html(
        '<text class="diagram-label" x="{}" y="{}" font-size="13" fill="#1d1d1b" stroke="#ffffff" stroke-width="4"'
        ' paint-order="stroke">{}</text>',
        _n(x + 5),
        _n(y - 5),
        line.label,
    )


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
