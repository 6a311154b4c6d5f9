"""The whole loop on the product: proposed, supported, answered in the engine, designed from it, published, and told."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from bench.walk import ROOT, Walk
from tests.browser.axe import violations
from tests.browser.hands import InBrowser

pytestmark = pytest.mark.browser
TITLE = "Permiso para vender libros en la plaza"
PEOPLE = {"ana": "41.111.111-3", "bruno": "42.222.222-7", "inés": "40.800.900-6", "fabián": "40.500.600-6"}


class Loop(Walk):
    """People who ask, and an institution that answers; what axe finds on the way is kept."""

    def __init__(self, base: str, new_context: Any) -> None:
        super().__init__(base, {})
        self._new_context = new_context
        self.wrong: dict[str, list[str]] = {}
        self.people = {name: self.person(name, run) for name, run in PEOPLE.items()}

    def person(self, name: str, run: str) -> InBrowser:
        """Somebody with a browser of their own."""
        return InBrowser(self._new_context().new_page(), self.base, run)

    def look(self, who: InBrowser, name: str) -> None:
        """Axe on the page."""
        found = violations(who.tab)
        if found:
            self.wrong[name] = found

    def propose(self) -> None:
        """Bruno looks for it, does not find it, and proposes; Inés publishes, and adheres with a floor of one."""
        bruno, ines = self.people["bruno"], self.people["inés"]
        bruno.visit("/participa/proponer/").press("Buscar", {"q": "vender libros"})
        fields = {"title": TITLE, "text": "Hay que ir dos veces a la Municipalidad con tres papeles."}
        bruno.press("Enviar la propuesta", {**fields, "agency": self._agency(bruno)}).expect("Recibimos tu propuesta")
        bruno.visit("/participa/mis-apoyos/").expect(TITLE, "Por revisar")
        self.look(bruno, "mis-propuestas")
        ines.visit("/participa/moderar/")
        card = ines.tab.locator("article", has_text=TITLE)
        card.get_by_label("Decisión").select_option("publish")
        card.get_by_role("button", name="Guardar la decisión").click()
        ines.visit("/participa/compromiso/").press(
            "Publicar el compromiso", {"act": "Decreto N° 9 de 2026", "floor": "1"}
        )
        ines.expect("Compromiso publicado")
        self.look(ines, "compromiso")

    def _agency(self, who: InBrowser) -> str:
        return str(who.page.xpath("//option[contains(., 'Municipalidad de Ejemplo')]/@value")[0])

    def support(self) -> None:
        """Ana finds it, supports it, takes it back, supports it again, and tells what it costs."""
        ana = self.people["ana"]
        ana.visit("/participa/?q=libros").follow(TITLE)
        self.path = "/" + ana.url.split("/", 3)[3].partition("#")[0]
        ana.press("Apoyar")
        if "Apoyas esta petición" not in ana.text:
            ana.press("Apoyar")
        ana.expect("Apoyas esta petición").press("Retirar mi apoyo")
        ana.expect("0 personas piden un cambio").press("Apoyar").expect("1 persona pide un cambio")
        self.look(ana, "apoyada")
        self.prove_address(ana, "ana@correo.example")
        ana.follow("Cuenta cuánto te cuesta hoy").press("Guardar", {"times_a_year": "2", "visits": "2", "days": "15"})
        ana.expect("Cambiar lo que contaste")

    def prove_address(self, who: InBrowser, address: str) -> None:
        """Ask for a code, read it in the mail that was sent, and type it."""
        who.press("Enviarme un código", {"email": address}).expect(f"Código que enviamos a {address}")
        inbox = who.visit("/correo-demo/").wait_for(address)
        inbox.follow("Tu código")
        [code, *_others] = re.findall(r"\b\d{6}\b", who.text)
        who.visit(self.path).press("Comprobar", {"codigo": code}).expect(f"Te avisamos a {address}")

    def answer(self) -> None:
        """The threshold is crossed by the count; the case is worked to its signature; the answer is public."""
        ana, ines = self.people["ana"], self.people["inés"]
        ana.visit(self.path).wait_for("Esperando respuesta")
        self.look(ana, "por-responder")
        while len(links := ines.visit("/bandeja/?ver=grupo").page.xpath("//tbody//tr//a[1]/@href")) > 1:
            ines.visit("/bandeja/").press("Tomar la siguiente")  # the demonstration's own cases came first
        [link] = links
        self.ref = re.findall(r"/bandeja/([^/]+)/", link)[0]
        ines.visit(link).expect(TITLE)
        march = f"{date.today().year + 1}-03-01"
        answers = {"respuesta": "yes", "fecha": march, "texto": "Se podrá pedir en línea desde marzo."}
        self.do_step(ines, "estudio", {"answers": answers})
        self.do_write(ines, "redaccion", {})
        self.do_sign(self.people["fabián"], "firma", {})
        ana.visit(self.path).wait_for("Sí, con fecha").expect("Se podrá pedir en línea desde marzo.")
        self.look(ana, "respondida")
        ana.visit("/participa/respuestas/").expect(TITLE)

    def design(self) -> None:
        """Inés begins the draft from the request, brings in what is missing, and publishes it."""
        ines = self.people["inés"]
        ines.visit("/participa/prioridades/")
        self.look(ines, "prioridades")
        begin = ines.page.xpath(f"//tr[contains(., '{TITLE}')]//a[contains(@href, 'peticion=')]/@href")[0]
        ines.visit(begin).expect("Lo que piden las personas")
        self.look(ines, "crear-desde-peticion")
        draft = ines.press("Crear el trámite").expect(TITLE).url
        self.people["ana"].visit(self.path).expect("La institución empezó a diseñar el trámite.")
        text = (ROOT / "examples" / "certificado_patente_vigente.yaml").read_text(encoding="utf-8")
        text = text.replace("title: Certificado de patente vigente", f"title: {TITLE}", 1)
        brought = {"archivo": ("tramite.yaml", BytesIO(text.encode()), "application/yaml")}
        ines.visit(f"{draft}archivo/traer/").press("Ver qué cambiaría", files=brought).press("Aprobar y traer")
        ines.visit(f"{draft}publicar/").press("Publicar la versión 1").expect("versión 1")

    def told(self) -> None:
        """It is online; Ana reads it on its page, in her notices and in her mail, and her support came back."""
        ana = self.people["ana"]
        ana.visit(self.path).wait_for("Ya se puede en línea").expect("Lo que se logró", "versión 1")
        self.look(ana, "en-linea")
        ana.visit("/participa/mis-apoyos/").expect("Usas 0 de 7 apoyos.", "Ya terminaron: tu apoyo volvió")
        ana.visit("/correo-demo/").wait_for(f"Ya se puede en línea: {TITLE}")


def test_what_people_ask_for_is_answered_designed_published_and_told(product: str, product_context: Any) -> None:
    loop = Loop(product, product_context)
    loop.propose()
    loop.support()
    loop.answer()
    loop.design()
    loop.told()
    assert loop.wrong == {}
