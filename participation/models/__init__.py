"""What people ask for, who supports it, what the agency answered, and the published tally."""

from participation.models.answers import Answer, Commitment, Contest, StageEvent, WorthIt
from participation.models.care import Anomalies, Merge, MergeOptOut, Review, ReviewItem
from participation.models.counts import Count, CountDifference, Exposure, ExposureCount, Folded, Knew
from participation.models.figures import Achieved, CaseMonth, MonthDifference
from participation.models.following import Follow
from participation.models.judging import Judgement
from participation.models.subjects import Addendum, Proposal, Reach, Stage, Subject
from participation.models.supports import Assisted, Door, Evidence, Kind, Residence, Support
from participation.models.tally import TallyBatch, TallyLine, TallyPeriod, TallyTotal

__all__ = [
    "Achieved",
    "Addendum",
    "Anomalies",
    "Answer",
    "Assisted",
    "CaseMonth",
    "Commitment",
    "Contest",
    "Count",
    "CountDifference",
    "Door",
    "Evidence",
    "Exposure",
    "ExposureCount",
    "Folded",
    "Follow",
    "Judgement",
    "Kind",
    "Knew",
    "Merge",
    "MergeOptOut",
    "MonthDifference",
    "Proposal",
    "Reach",
    "Residence",
    "Review",
    "ReviewItem",
    "Stage",
    "StageEvent",
    "Subject",
    "Support",
    "TallyBatch",
    "TallyLine",
    "TallyPeriod",
    "TallyTotal",
    "WorthIt",
]
