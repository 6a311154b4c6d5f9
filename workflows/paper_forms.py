"""Forms of what a person signs by hand before an official: the scan, and when it was received."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from procedures.api import Field, kind_of
from workflows.controls import day_field, hour_field


class PaperForm(forms.Form):
    """The paper that the person signed, and that it was checked."""

    use_required_attribute = False
    conforms = forms.BooleanField(
        label=_(
            "La persona firmó delante de mí y la copia digital es igual al papel, que queda guardado en la oficina."
        ),
        error_messages={"required": _("Marca que revisaste la firma y la copia")},
    )

    def __init__(self, *arguments: Any, label: str, **options: Any) -> None:
        options.setdefault("auto_id", "id-%s")
        super().__init__(*arguments, **options)
        question = Field(id="paper", type="file", label=label, max_mb=20)
        self.fields["paper"] = kind_of(question).form_field(question)

    def has_already(self, name: str) -> None:
        """Say that a scan of that name is stored, so that none needs to be chosen again."""
        field: Any = self.fields["paper"]
        field.kept = [{"name": name}]
        said = _("Ya está guardado: %(name)s. Elige otro solo si quieres cambiarlo.") % {"name": name}
        field.help_text = self["paper"].help_text = said

    def new_scan(self) -> Any:
        """The scan that came now, if it is good; None without one. Whatever else is wrong, it need not be lost."""
        return self.cleaned_data.get("paper") if self.is_bound and "paper" not in self.errors else None


class AnswerPaperForm(PaperForm):
    """The paper that answers a correction, and when it was received: from then it counts (DS 4 arts. 7 and 8)."""

    day = day_field(_("¿Qué día te entregó el papel?"), error=_("Escribe el día en que te lo entregó"))
    hour = hour_field(_("¿A qué hora?"), _("Escribe la hora en que te lo entregó"))
    field_order = ("paper", "day", "hour", "conforms")

    conforms_to = _(
        "La persona firmó el papel, lo que escribí dice lo mismo, y la copia digital es igual al papel, que queda "
        "guardado en la oficina."
    )

    def __init__(self, *arguments: Any, zone: str, now: datetime, **options: Any) -> None:
        self.zone, local = zone, now.astimezone(ZoneInfo(zone))
        initial = {"day": local.date(), "hour": local.time()}
        super().__init__(*arguments, initial=initial, **options)
        self.order_fields(self.field_order)
        self.fields["conforms"].label = self.conforms_to

    @property
    def received_at(self) -> datetime:
        """The instant of reception."""
        given = self.cleaned_data
        return datetime.combine(given["day"], given["hour"], ZoneInfo(self.zone))


class OverlookedPaperForm(AnswerPaperForm):
    """A paper that is only kept, because what it answers was decided already: nobody types it."""

    conforms_to = _(
        "La persona firmó el papel y la copia digital es igual a él. El papel queda guardado en la oficina."
    )
