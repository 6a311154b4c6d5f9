"""What each step kind means at run time."""


def register_all() -> None:
    """Put every step kind into the registry. Imported late: facets need the models."""
    from workflows.steps import (
        correction,
        facts,
        law,
        linked,
        outgoing,
        outside,
        path,
        registry,
        rows,
        tables,
        waiting,
        work,
    )

    for facet in (
        path.StartFacet(),
        path.ParallelFacet(),
        path.EndFacet(),
        rows.ForEachFacet(),
        work.TaskFacet(),
        work.DraftFacet(),
        correction.CorrectionFacet(),
        facts.LookupFacet(),
        facts.RegisterFacet(),
        outgoing.NotifyFacet(),
        outgoing.SealFacet(),
        outgoing.SignFacet(),
        tables.DecisionFacet(),
        waiting.WaitFacet(),
        outside.ServiceFacet(),
        linked.SubcaseFacet(),
        linked.ReferralFacet(),
        law.StopFacet(),
        law.GoesOnFacet(),
        law.JoinedFacet(),
        law.CarryOutFacet(),
    ):
        registry.register(facet)
