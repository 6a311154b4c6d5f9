"""The scenario walked over HTTP with detours, keeping every page that was answered: each page in every state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest

from bench.visitor import NotAsPromised, Visitor
from bench.walk import PDF, Walk


@dataclass(frozen=True)
class Seen:
    """A page as it was answered."""

    who: str
    url: str
    status: int
    html: bytes
    policy: str = ""
    """Its Content-Security-Policy."""

    @property
    def path(self) -> str:
        """The address within the site."""
        return "/" + self.url.split("/", 3)[3]


class Witness(Visitor):
    """A visitor who keeps the pages, each kind and state once."""

    album: list[Seen]
    name = ""

    def _take(self, answer: Any) -> None:
        super()._take(answer)
        if "text/html" in answer.headers.get("Content-Type", ""):
            policy = answer.headers.get("Content-Security-Policy", "")
            self.album.append(Seen(self.name, answer.url, answer.status_code, answer.content, policy))

    def look(self, *paths: str) -> Witness:
        """Open addresses, refusals included, without leaving the page one is on."""
        here = (self.page, self.url, self.status)
        for path in paths:
            self._take(self.session.get(self.base + path, timeout=120))
        self.page, self.url, self.status = here
        return self


class Tour(Walk):
    """Walks the scenario and looks left and right."""

    def __init__(self, base: str) -> None:
        super().__init__(base, {})
        self.album: list[Seen] = []

    def person(self, name: str, run: str) -> Witness:
        """A witness whose pages go to this album."""
        witness = Witness(self.base, run)
        witness.album, witness.name = self.album, name
        return witness

    def scenario(self, scenario: Mapping[str, Any]) -> None:
        """The public pages and those of somebody new first, then the story."""
        self.agency = scenario["agency"]
        self._public_pages()
        super().scenario(scenario)
        self._afterwards()

    def _public_pages(self) -> None:
        ficha = f"/tramites/{self.agency}/patente_comercial/"
        stranger = self.person("nadie", "")
        stranger.look("/", "/?q=patente", "/?q=zapato", ficha, "/ayuda/", "/accesibilidad/", "/privacidad/", "/nada/")
        stranger.look("/verificar/", "/verificar/7K3M-Q2XW-9D4H-B5TV/", "/verificar/malo/", "/mis-tramites/")
        stranger.look("/correo-demo/", "/cuenta/sesion-cerrada/", "/cuenta/entrar/vuelta/")
        new: Any = self.person("bruno", "42.222.222-7")
        new.visit("/mis-tramites/").look("/mis-avisos/", "/bandeja/", ficha)

    def do_file(self, who: Any, code: str, entry: Mapping[str, Any]) -> None:
        """Errors on purpose on each page before the right answers."""
        super().do_file(who, code, entry)
        who.look("/mis-tramites/", "/mis-avisos/")

    def _fill_pages(self, who: Any, answers: Mapping[str, Any]) -> None:
        for _page in range(30):
            if "/p/" not in who.url:
                return
            self._err(who)
            here = who.url
            self._fill_page(who, answers)
            who.look(here.removeprefix(self.base), "/mis-tramites/", f"/tramites/{self.agency}/patente_comercial/")

    def _fill_page(self, who: Any, answers: Mapping[str, Any]) -> None:
        page = who.url
        for _turn in range(3):
            if who.url == page:
                self._press_on(who, answers)

    def _err(self, who: Any) -> None:
        """Everything empty, and then the page as it was."""
        here = (who.page, who.url, who.status)
        empty = {name: "" for name in who.names() if not name.startswith("_") and name != "csrfmiddlewaretoken"}
        who.press("Continuar", empty, {"titulo_local": ("foto.gif", BytesIO(b"GIF89a"), "image/gif")})
        who.page, who.url, who.status = here

    def _sign_application(self, who: Any) -> None:
        who.expect("Revisa tus respuestas").follow("Continuar a la firma")
        who.press("Firmar y enviar")
        super()._sign_application(who.visit(who.url.replace("/firmar/", "/revisar/")))

    def do_step(self, who: Any, step: str, entry: Mapping[str, Any]) -> None:
        """Look at the bandeja and every tab of the case, and send the form empty once."""
        self._look_at_desk(who)
        self._open_step(who)
        who.press("Guardar y continuar")
        super().do_step(who, step, entry)
        self._look_at_desk(who)

    def do_write(self, who: Any, step: str, entry: Mapping[str, Any]) -> None:
        """The draft page before the act goes on."""
        self._open_step(who)
        super().do_write(who, step, entry)

    def do_notify(self, who: Any, step: str, entry: Mapping[str, Any]) -> None:
        """An empty record, a trial of its dates, and the record."""
        who.visit(f"/bandeja/{self.ref}/notificar/{step}/").press("Registrar", {"medium": ""})
        who.press("Ver qué fechas resultan", {"medium": entry["medium"], "evidence": entry["evidence"]})
        super().do_notify(who, step, entry)
        self.visitors["ana"].visit(f"/s/{self.ref}/")
        self._look_at_desk(who)

    def do_waits(self, who: Any, words: str, entry: Mapping[str, Any]) -> None:
        """With every date's reason and the notices."""
        super().do_waits(who, words, entry)
        who.look(*links(who, "/plazos/"))
        who.visit("/mis-avisos/").look(*links(who, "/mis-avisos/"))
        who.look("/mis-avisos/")

    def do_sign(self, who: Any, step: str, entry: Mapping[str, Any]) -> None:
        """Among several that wait, none marked; and refused once: to send back without a reason."""
        who.visit("/bandeja/firmar/").press("Firmar los marcados")
        self._open_step(who)
        if who.has_button("Devolver"):
            with pytest.raises(NotAsPromised, match="409"):
                who.press("Devolver para que se redacte de nuevo")
        super().do_sign(who, step, entry)
        self._look_at_desk(who)

    def do_ends(self, who: Any, outcome: str, entry: Mapping[str, Any]) -> None:
        """The finished case, its mail, and the public verdict on its act."""
        super().do_ends(who, outcome, entry)
        who.visit(f"/s/{self.ref}/").look(*links(who, "/verificar/"), *links(who, "/plazos/"), "/mis-tramites/")
        who.visit("/correo-demo/").look(*links(who, "/correo-demo/"))

    def _look_at_desk(self, who: Any) -> None:
        who.visit("/bandeja/").look(*links(who, "/bandeja/?"))
        who.visit(f"/bandeja/{self.ref}/")
        who.look(*links(who, "?ver="), *links(who, "/notificar/"))

    def _afterwards(self) -> None:
        stranger = self.person("nadie", "")
        self._upload(stranger, PDF)
        stranger.visit("/verificar/").press("Comparar archivo")
        person: Any = self.visitors["ana"]
        person.look("/papel-y-cartas/")
        official: Any = self.visitors["beto"]
        official.visit("/bandeja/").look(*links(official, "/bandeja/?"))
        for typed in ("pérez", "41.111.111-4"):
            official.visit("/bandeja/").press("Buscar", {"q": typed})
        self._lead(self.person("gloria", "40.600.700-6"))
        self._watch(self.person("inés", "40.800.900-6"))
        stranger.look("/consultar/", "/interrupciones/")
        stranger.visit(f"/tramites/{self.agency}/acceso_informacion/").press("Empezar sin ClaveÚnica").press(
            "Continuar"
        )
        self._bring(self.person("bruno", "42.222.222-7"), self.person("julia", "40.900.100-9"))
        self.around(person, "/poderes/", f"/s/{self.ref}/")

    def around(self, who: Any, *paths: str) -> None:
        """Each page and every page that it links to."""
        for path in paths:
            who.visit(path).look(*links(who, "/"))

    def _bring(self, who: Any, clerk: Any) -> None:
        """An application that lets no other body send sensitive data: they are brought, by its page or at the counter.

        What else may be done in a case that is open hangs from it: each measure of the person and of the official.
        """
        who.visit(f"/tramites/{self.agency}/ayuda_social/").press("Empezar")
        Walk._fill_pages(self, who, HELP)
        Walk._sign_application(self, who)
        case = who.wait_for("Traer lo que falta", seconds=self.patience).url.removeprefix(self.base)
        self.around(who, case)
        who.visit(f"{case}gestiones/traer-antecedentes/").press("Enviar")
        ref = case.strip("/").rpartition("/")[2]
        self.around(self.person("lidia", "41.000.200-0"), f"/bandeja/{ref}/")
        clerk.visit("/meson/").press("Empezar la atención").press("Empezar la atención", AT_COUNTER)
        here = clerk.url.removeprefix(self.base)
        clerk.visit(f"{here}traer/{ref}/").press("Guardarlo en el expediente")
        self.around(clerk, here, "/meson/llamada/", "/poderes/comprobar/")

    def _lead(self, who: Any) -> None:
        """What whoever leads a unit does: hand out its steps, and order which go first; each wrong once."""
        who.visit("/bandeja/repartir/").press("Encargar los marcados")
        who.visit("/bandeja/ordenes/").press(
            "Seguir", {"para": who.page.xpath("//select[@id='para']/option/@value")[0]}
        )
        who.press("Dictar la orden")
        today = who.page.xpath("//input[@name='starts_on']/@value")[0]
        who.press("Ver cuáles cubre", {"filed_from": today, "ends_on": today, "reason": "Feria"})

    def _watch(self, who: Any) -> None:
        """What whoever watches over the work sees: what stopped, outages, absences, versions and sheets."""
        who.visit("/incidentes/").look(*links(who, "/incidentes/"))
        for page, button in (
            ("/interrupciones/registrar/", "Ver en qué plazos se anota"),
            ("/bandeja/ausencias/", "Anotar la ausencia"),
        ):
            who.visit(page).press(button)
        who.visit("/bandeja/abrir/").follow("Abrir varias desde una planilla").press("Revisar la planilla")
        self._send_sheet(who)
        self.around(who, "/sistemas/")
        who.look("/versiones/", "/interrupciones/", "/bandeja/intercambios/", "/diseno/emblema/")

    def _send_sheet(self, who: Any) -> None:
        """The sheet that the page offers, with a row that is wrong beside the one that shows what goes in each cell."""
        template = who.fetch(next(link for link in links(who, "/plantilla") if link.endswith("csv")))
        wrong = f"{template.decode('utf-8-sig').rstrip()}\nA-002\n"
        sent = {SHEET: ("casos.csv", BytesIO(wrong.encode()), "text/csv")}
        who.press("Revisar la planilla", {"apertura-por": "propia", "apertura-motivo": "Oficio 12"}, sent)


HELP = {
    "nombre": "Bruno Díaz Riquelme",
    "correo": "bruno.diaz@correo.example",
    "domicilio_street": "Calle Larga",
    "domicilio_number": "12",
    "domicilio_commune": "16302",
    "personas": "3",
    "tramo_declarado": "40",
    "necesidad": "alimentos",
    "hechos": "Perdí el trabajo.",
    "peticion": "Una caja de alimentos para este mes.",
    "autoriza_sensibles": False,
}
"""What is answered to ask for help, without letting other bodies send sensitive data."""
AT_COUNTER = {
    "run": "42.222.222-7",
    "given_names": "Bruno",
    "family_names": "Díaz Riquelme",
    "identity": "card",
    "document_number": "A123456789",
}
"""How the counter knows who is there."""
SHEET = "apertura-archivo"


def links(who: Any, part: str) -> list[str]:
    """Addresses of the site that the page links to and that contain `part`, without the files."""
    found = [str(link) for link in who.page.xpath("//main//a/@href") if part in link and link.startswith(("/", "?"))]
    return [link for link in dict.fromkeys(found) if not re.search(r"/documento(s/\d+)?/$|\.eml$|/descargar/", link)]
