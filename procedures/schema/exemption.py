"""The procedure with which people ask an institution not to deal with them electronically."""

from procedures.schema.base import DataPath, Part
from procedures.schema.conditions import Condition


class Exemption(Part):
    """Este trámite es el formulario con que se pide una excepción a los medios electrónicos (Ley 19.880, arts. 18 y 46;
    DS 4, arts. 28 a 35). Rige desde que termina en un paso `approved`, también en las solicitudes que la persona ya
    tiene en la institución. Mientras se resuelve se notifica del modo pedido, y lo presentado en papel vale."""

    paper: Condition
    """Cuándo se pide presentar en papel."""
    letter: Condition
    """Cuándo se pide ser notificado por carta certificada."""
    office: Condition
    """Cuándo se pide ser notificado en la oficina."""
    address: DataPath
    """Respuesta con la dirección a la que llegan las cartas, `paso.campo`."""
