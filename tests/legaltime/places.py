"""Places of the legal time tests."""

from legaltime.rules import Place

SANTIAGO = Place("13101", "America/Santiago")
CHILLAN = Place("16101", "America/Santiago")
CHILLAN_VIEJO = Place("16103", "America/Santiago")
SAN_CARLOS = Place("16301", "America/Santiago")
ARICA = Place("15101", "America/Santiago")
COYHAIQUE = Place("11101", "America/Coyhaique")
PUNTA_ARENAS = Place("12101", "America/Punta_Arenas")
EASTER_ISLAND = Place("05201", "Pacific/Easter")
