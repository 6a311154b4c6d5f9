"""Addresses of citizens' and officials' pages."""

from django.urls import path

from workflows.desk_urls import urlpatterns as desk_patterns
from workflows.views import afterwards, catalogue, citizen, counter, filling, measures, powers, site, versions

app_name = "workflows"
urlpatterns = [
    path("", catalogue.catalogue, name="catalogue"),
    path("tramites/<slug:agency>/<slug:code>/", catalogue.ficha, name="ficha"),
    path("tramites/<slug:agency>/<slug:code>/ir/", catalogue.hand_off, name="hand_off"),
    path("tramites/<slug:agency>/<slug:code>/empezar/", filling.begin, name="begin"),
    path("mis-tramites/", citizen.my_cases, name="my_cases"),
    path("s/<str:ref>/", citizen.case, name="case"),
    path("s/<str:ref>/p/<int:page>/", filling.page, name="page"),
    path("s/<str:ref>/p/<int:page>/guardar/", filling.autosave, name="autosave"),
    path("s/<str:ref>/p/<int:page>/archivo/", filling.upload, name="upload"),
    path("s/<str:ref>/p/<int:page>/idioma/", filling.speak, name="speak"),
    path("s/<str:ref>/p/<int:page>/salida/", filling.exit_page, name="exit"),
    path("s/<str:ref>/revisar/", filling.review, name="review"),
    path("s/<str:ref>/firmar/", filling.sign, name="sign"),
    path("s/<str:ref>/borrar/", filling.discard, name="discard"),
    path("s/<str:ref>/corregir/", filling.correct, name="correct"),
    path("s/<str:ref>/documentos/<int:document_id>/", citizen.document, name="document"),
    path("s/<str:ref>/descargar/", citizen.download_all, name="download_all"),
    path("s/<str:ref>/plazos/<int:deadline_id>/", citizen.why_this_date, name="why_this_date"),
    path("s/<str:ref>/gestiones/<slug:slug>/", measures.of_citizen, name="measure"),
    path("s/<str:ref>/respuestas/", afterwards.answers, name="answers"),
    path("s/<str:ref>/quien-la-vio/", afterwards.who_saw, name="who_saw"),
    path("s/<str:ref>/como-te-fue/", afterwards.rate, name="rate"),
    path("consultar/", afterwards.look_up, name="look_up"),
    path("poderes/", powers.powers, name="powers"),
    path("poderes/<int:mandate_id>/quitar/", powers.revoke, name="power_revoke"),
    path("meson/<int:attendance_id>/poder/", powers.at_counter, name="counter_power"),
    path("meson/", counter.home, name="counter"),
    path("meson/<int:attendance_id>/", counter.attendance, name="counter_attendance"),
    path("meson/<int:attendance_id>/empezar/<slug:agency>/<slug:code>/", counter.begin, name="counter_begin"),
    path("meson/<int:attendance_id>/firma/<str:ref>/", counter.paper, name="counter_paper"),
    path("meson/<int:attendance_id>/pasar/<str:ref>/", counter.hand_over, name="counter_hand_over"),
    path("meson/<int:attendance_id>/comprobante/<str:ref>/", counter.receipt, name="counter_receipt"),
    path("meson/<int:attendance_id>/terminar/", counter.end, name="counter_end"),
    path("versiones/", versions.index, name="versions"),
    path("versiones/<int:source>/a/<int:target>/", versions.plan, name="version_plan"),
    path("versiones/cambios/<int:pk>/", versions.move, name="version_move"),
    path("ayuda/", site.help_page, name="help"),
    path("accesibilidad/", site.accessibility, name="accessibility"),
    path("privacidad/", site.privacy, name="privacy"),
    *desk_patterns,
]
