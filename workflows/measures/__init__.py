"""What the law lets a person or an official do in a case beside its steps: each a form, its article and a command."""

from workflows.measures.base import Done, Measure, MeasureForm, Situation, find, offered, register

__all__ = ["Done", "Measure", "MeasureForm", "Situation", "find", "offered", "register", "register_all"]


def register_all() -> None:
    """Fill the registry. Imported late: measures need the models."""
    from workflows.measures import (
        appeals,
        clocks,
        correspondence,
        endings,
        exchanges,
        interest,
        joinders,
        originals,
        overlooked,
        parties,
        physical,
        sensitive,
    )

    papers = (overlooked, physical, originals, sensitive)
    everything = (correspondence, *papers, parties, exchanges, appeals, endings, clocks, joinders, interest)
    for measure in (measure for module in everything for measure in module.MEASURES):
        register(measure)
