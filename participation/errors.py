"""Why participation refuses something; each says what to do."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from participation.rules.demand import MINIMUM
from participation.rules.thresholds import SLOTS


class ParticipationError(Exception):
    """Base of what this room refuses."""


class NoSlotLeft(ParticipationError):
    """The person already supports as many as the rules allow."""

    def __str__(self) -> str:
        return _(
            "Ya usaste tus %(slots)s apoyos. Retira uno en «Mis apoyos» para dar este; también vuelven solos cuando un "
            "trámite se abre en línea o la institución responde."
        ) % {"slots": SLOTS}


class PersonHasNoSlot(ParticipationError):
    """The person attended already supports as many as the rules allow."""

    def __str__(self) -> str:
        return _(
            "La persona ya usó sus %(slots)s apoyos. Pregúntale cuál quiere retirar, búscalo aquí y retíralo; después "
            "registra este."
        ) % {"slots": SLOTS}


class AlreadySupports(ParticipationError):
    """The person attended supported it before, at whatever door."""

    def __str__(self) -> str:
        return _("La persona ya apoya esta petición. Cuenta una sola vez, en línea, en el mesón o por teléfono.")


class NothingToWithdraw(ParticipationError):
    """The person attended does not support it."""

    def __str__(self) -> str:
        return _("La persona no apoya esta petición: no hay nada que retirar. Revisa con ella cuál es.")


class NotIdentified(ParticipationError):
    """Whoever calls did not prove who they are."""

    def __str__(self) -> str:
        return _(
            "No se comprobó quién llama, y un apoyo es de una persona verificada. Puede darlo con su ClaveÚnica o en "
            "un mesón con su cédula."
        )


class AttendanceOver(ParticipationError):
    """Nothing more is written down in an attendance that is over."""

    def __str__(self) -> str:
        return _("La atención ya terminó. Empieza otra.")


class SubjectClosed(ParticipationError):
    """It was settled and takes no more supports."""

    def __str__(self) -> str:
        return _("Esta petición ya está cerrada y no recibe más apoyos.")


class KindNotOffered(ParticipationError):
    """That kind of request does not fit this ficha."""

    def __str__(self) -> str:
        return _("Elige qué pides: una de las opciones de la lista.")


class IdentityNotAccepted(ParticipationError):
    """Supports need an identity verified by the State's provider."""

    def __str__(self) -> str:
        return _("Para apoyar entra con tu ClaveÚnica. Las identidades de demostración no cuentan.")


class TooMany(ParticipationError):
    """A limit per person and purpose was reached."""

    def __init__(self, hours: int) -> None:
        self.hours = hours
        super().__init__(hours)

    def __str__(self) -> str:
        return ngettext(
            "Hiciste esto muchas veces seguidas. Vuelve a intentarlo en %(hours)s hora.",
            "Hiciste esto muchas veces seguidas. Vuelve a intentarlo en %(hours)s horas.",
            self.hours,
        ) % {"hours": self.hours}


class NotSupporter(ParticipationError):
    """Only those who support may do this."""

    def __str__(self) -> str:
        return _("Solo puede hacerlo quien apoya esta petición. Apóyala primero.")


class TextFrozen(ParticipationError):
    """The text was supported by somebody, or merged with another: it changes only by addenda."""

    def __str__(self) -> str:
        return _("El texto ya tiene apoyos o se unió a otra petición, y no se puede cambiar. Agrega una aclaración.")


class NotAllowed(ParticipationError):
    """The person may not do this."""

    def __str__(self) -> str:
        return _("Esto lo hace la institución o quien modera la participación.")


class NeedsAnother(ParticipationError):
    """Whoever opened a review does not decide it."""

    def __str__(self) -> str:
        return _("La decide otra persona, no quien la abrió.")


class OwnText(ParticipationError):
    """Nobody moderates what they wrote."""

    def __str__(self) -> str:
        return _("Lo escribiste tú: lo decide otra persona que modera.")


class OwnInstitution(ParticipationError):
    """Somebody of the institution that must answer does not hide what is asked of it."""

    def __str__(self) -> str:
        return _(
            "Trabajas en la institución que debe responder. Esto lo decide alguien que modera y no trabaja en ella."
        )


class OwnWork(ParticipationError):
    """Nobody decides a review that has supports which they wrote down themselves."""

    def __str__(self) -> str:
        return _("Incluye apoyos que registraste tú: la decide otra persona.")


class SelectionTooSmall(ParticipationError):
    """A review would set aside so few supports that it could be about a person."""

    def __str__(self) -> str:
        return _(
            "Son menos de %(least)s apoyos. Elige más días u otra selección: una revisión no apunta a una persona."
        ) % {"least": MINIMUM}


class SelectionChanged(ParticipationError):
    """Between the preview and the confirmation other supports came or went."""

    def __str__(self) -> str:
        return _("La cantidad cambió mientras la mirabas. Mira de nuevo cuántos serían y confirma.")


class HeldByAnother(ParticipationError):
    """Somebody else set some of the supports aside at the same moment."""

    def __str__(self) -> str:
        return _("Otra persona puso en revisión algunos de estos apoyos mientras los mirabas. Mira cuántos quedan.")


class AlreadyDecided(ParticipationError):
    """Somebody else was faster."""

    def __str__(self) -> str:
        return _("Ya se decidió. Recarga la página para ver cómo quedó.")


class CannotMerge(ParticipationError):
    """The two cannot be joined."""

    def __str__(self) -> str:
        return _("No se pueden unir: elige dos peticiones abiertas, distintas y que no estén ya unidas a otra.")


class FollowsTooMany(ParticipationError):
    """The person follows as many as one may."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(most)

    def __str__(self) -> str:
        return _("Ya sigues %(most)s peticiones. Deja de seguir alguna en «Mis apoyos».") % {"most": self.most}


class ReasonMissing(ParticipationError):
    """What is published is published with its reason."""

    def __str__(self) -> str:
        return _("Escribe el motivo: es público")


class TextChanged(ParticipationError):
    """Between reading a proposal and deciding it, its author changed it."""

    def __str__(self) -> str:
        return _("Quien la propuso cambió el texto mientras lo leías. Léelo de nuevo y decide.")


class NotOpenYet(ParticipationError):
    """Nobody can say yet whether it was worth it."""

    def __str__(self) -> str:
        return _("Todavía no se abre en línea: cuando se abra te preguntaremos si valió la pena.")


class NothingToContest(ParticipationError):
    """There is no "no" to object to, or it was contested already."""

    def __str__(self) -> str:
        return _("Esta respuesta no se puede objetar: solo se objeta un «no», y una sola vez.")


class AlreadyPassedOn(ParticipationError):
    """The answer named its receiver, or was given by that very institution."""

    def __str__(self) -> str:
        return _("Elige otra institución: esta ya respondió, o la petición ya se derivó.")


class NotAnAnswer(ParticipationError):
    """The procedure cannot be the one in which an agency answers."""

    def __str__(self) -> str:
        return _("Elige un trámite que empiece de oficio y registre la respuesta.")


class NothingOpen(ParticipationError):
    """Supporters are not told that it is online while there is nothing to use."""

    def __str__(self) -> str:
        return _(
            "Todavía no hay dónde hacerlo en línea: publica un trámite diseñado desde esta petición, o pon en su ficha "
            "dónde se hace."
        )


class WrongStage(ParticipationError):
    """The roadmap does not go that way."""

    def __str__(self) -> str:
        return _("Desde la etapa actual no se pasa a esa. Elige una de las que se ofrecen.")
