"""The one table of this room: holidays that the library does not know, or knows wrongly."""

from django.db import models


class HolidayOverride(models.Model):
    """A day declared (or withdrawn as) a public holiday, for the country or for one place.

    `place` is "" for the whole country, else a region code (two digits) or a commune code (five digits)
    of the State's territorial codes.
    """

    date = models.DateField()
    place = models.CharField(max_length=5, blank=True, default="")
    is_holiday = models.BooleanField(default=True)
    name = models.CharField(max_length=200)
    legal_source = models.CharField(max_length=200)
    recorded_by = models.CharField(max_length=80, blank=True, default="")
    """Text identity of who recorded it: "person:12", "operator"."""
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["date", "place"], name="one_override_per_day_and_place")]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y} {self.name}"
