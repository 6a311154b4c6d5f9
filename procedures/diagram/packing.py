"""Stretches of lines side by side: which track each takes so that none touch."""

from procedures.diagram.measures import text_width

Span = tuple[float, float]


def words_x(begin: float, end: float, label: str) -> float:
    """Where the words of a horizontal run stand: at its beginning, near the step they belong to."""
    return begin if begin <= end else max(end, begin - text_width(label))


def stretch(begin: float, end: float, words: float) -> Span:
    """The stretch of a horizontal run between two places, its words included."""
    low, high = sorted((begin, end))
    return low, max(high, low + words)


def packed(spans: list[Span], gap: float) -> list[int]:
    """For each span the first track where it touches no other."""
    tracks: list[list[Span]] = []
    found: list[int] = []
    for span in spans:
        place = next((number for number, track in enumerate(tracks) if _fits(track, span, gap)), len(tracks))
        if place == len(tracks):
            tracks.append([])
        tracks[place].append(span)
        found.append(place)
    return found


def _fits(track: list[Span], span: Span, gap: float) -> bool:
    return all(span[1] + gap <= low or high + gap <= span[0] for low, high in track)
