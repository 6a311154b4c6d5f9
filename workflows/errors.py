"""Named errors of commands. Their text is shown to people, so it says what happened and what to do."""

from django.utils.translation import gettext_lazy as _


class CommandRefused(Exception):
    """The command does not apply to the case as it stands. Subclasses say why."""

    message = _("Esta acción ya no se puede hacer. Actualiza la página para ver cómo está la solicitud.")

    def __init__(self, message: str = "") -> None:
        super().__init__(str(message or self.message))


class NotAllowed(CommandRefused):
    """The person has no part in this step."""

    message = _("No tienes permiso para hacer esto en esta solicitud.")


class Abstained(NotAllowed):
    """The official keeps out of the case for a conflict of interest, declared or challenged (Ley 19.880 art. 12)."""

    message = _("Declaraste un conflicto de interés en esta solicitud: no puedes actuar en ella.")


class IsParty(NotAllowed):
    """The official is an interested person of the case, or acts for one (Ley 19.880 art. 12 N° 1)."""

    message = _("Eres parte en esta solicitud, o representas a una: la debe ver otra persona.")


class ReceivesNothing(NotAllowed):
    """Whoever attends the counter has a part in the case, or keeps out of it: somebody else receives for it (art. 12).

    `others`: names of who may.
    """

    def __init__(self, others: str) -> None:
        if others:
            text = _(
                "Eres parte en esa solicitud, representas a una o no intervienes en ella: no puedes recibir nada para "
                "ella (Ley 19.880, art. 12). Puede recibirlo en el mesón: %(others)s."
            )
        else:
            text = _(
                "Eres parte en esa solicitud, representas a una o no intervienes en ella: no puedes recibir nada para "
                "ella (Ley 19.880, art. 12). Hoy nadie más atiende el mesón: la persona puede hacerlo con su "
                "ClaveÚnica, o pide a quien dirige tu unidad que ponga a otra persona."
            )
        super().__init__(str(text) % {"others": others})


class TaskTaken(CommandRefused):
    """Another official holds the task."""

    def __init__(self, owner: str) -> None:
        super().__init__(str(_("%(owner)s tiene este paso. Pídele que lo suelte o elige otro.")) % {"owner": owner})


class TaskFinished(CommandRefused):
    """Somebody already finished the task; nothing was overwritten."""

    def __init__(self, who: str = "", when: str = "") -> None:
        text = (
            str(_("%(who)s ya resolvió este paso (%(when)s). No se cambió nada.")) % {"who": who, "when": when}
            if who
            else str(_("Este paso ya está resuelto. No se cambió nada."))
        )
        super().__init__(text)


class CaseJoined(CommandRefused):
    """The case was joined to an older one, whose decision is for both (art. 33)."""

    def __init__(self, number: str) -> None:
        text = _("Esta solicitud se acumuló a la N° %(number)s: lo que falta se hace en esa. No se cambió nada.")
        super().__init__(str(text) % {"number": number})


class PowerEnded(CommandRefused):
    """The power by which somebody acts for another was revoked or is over."""

    message = _("El poder con que actúas ya no está vigente. Pide otro a la persona que representas.")


class SolemnPowerNeeded(CommandRefused):
    """The procedure asks for a solemn power, and the one at hand is simple (R43)."""

    def __init__(self, source: str) -> None:
        text = _(
            "Para hacer este trámite por otra persona necesitas un poder en escritura pública o con firma electrónica "
            "avanzada (%(source)s). Regístralo en «Poderes»."
        )
        super().__init__(str(text) % {"source": source})


class DraftChanged(CommandRefused):
    """The draft was changed elsewhere after this page was shown."""

    message = _("Cambiaste esta solicitud en otra ventana. Revisa de nuevo tus respuestas antes de firmar.")


class DraftOutdated(CommandRefused):
    """The procedure changed since the draft was begun, and the version of the draft is no longer offered."""

    message = _("El trámite cambió desde que empezaste. Revisa qué cambió y sigue: tus respuestas están guardadas.")


class AlreadyFiled(CommandRefused):
    """The draft is a case already; its page shows the receipt."""

    message = _("Esta solicitud ya está enviada.")


class BeingSigned(AlreadyFiled):
    """Others are signing the draft; whoever filled it in takes it back before changing it."""

    message = _("Otras personas están firmando esta solicitud. Retírala de la firma para cambiarla.")


class FileInfected(CommandRefused):
    """The antivirus found a virus in a file of the application."""

    def __init__(self, name: str) -> None:
        text = _("El archivo «%(name)s» contiene un virus y no lo podemos recibir. Cámbialo por otro antes de enviar.")
        super().__init__(str(text) % {"name": name})


class TooManyDrafts(CommandRefused):
    """The person has as many unsent applications as anybody may have."""

    message = _("Tienes demasiadas solicitudes sin enviar. Envía o borra alguna antes de empezar otra.")


class TooManyFiles(CommandRefused):
    """The draft has received as many files as any may; those replaced count too."""

    message = _("Esta solicitud ya recibió demasiados archivos. Usa los que están guardados o empieza otra.")


class OrderOfEntry(CommandRefused):
    """Older ready cases of the same procedure and step, or those put first by order, go first (Ley 19.880 art. 7)."""

    message = _(
        "Hay solicitudes de este trámite que van antes en este paso, por más antiguas o por una orden. "
        "Toma primero la que sigue."
    )


class ObservationsLost(CommandRefused):
    """Remarks were written, but the answers do not ask the applicant for a correction."""

    message = _(
        "Escribiste observaciones, pero tu respuesta no pide una corrección y la persona no las vería. "
        "Pide la corrección o borra las observaciones."
    )


class NoMoreCorrections(CommandRefused):
    """The procedure's maximum of corrections was asked already: the official decides with what there is."""

    def __init__(self, rounds: int) -> None:
        text = _("Ya se pidieron %(rounds)s correcciones, el máximo de este trámite. Elige otra salida.")
        super().__init__(str(text) % {"rounds": rounds})


class RoutingError(Exception):
    """The case cannot move: a rule failed, no alternative holds, or nobody can act. Opens an incident."""

    def __init__(self, kind: str, step_id: str, detail: str) -> None:
        super().__init__(detail)
        self.kind, self.step_id, self.detail = kind, step_id, detail
