"""Addresses of officials' pages, below /bandeja/ and /incidentes/."""

from django.urls import path

from workflows.views import absences, acts, afterwards, desk, incidents, measures, opening, waiting

urlpatterns = [
    path("bandeja/", desk.inbox, name="inbox"),
    path("bandeja/siguiente/", desk.take_next, name="take_next"),
    path("bandeja/satisfaccion/", afterwards.satisfaction, name="satisfaction"),
    path("bandeja/ausencias/", absences.absences, name="absences"),
    path("bandeja/abrir/", opening.index, name="own_motion"),
    path("bandeja/abrir/<slug:agency>/<slug:code>/", opening.one, name="own_motion_one"),
    path("bandeja/abrir/<slug:agency>/<slug:code>/planilla/", opening.sheet, name="own_motion_sheet"),
    path(
        "bandeja/abrir/<slug:agency>/<slug:code>/plantilla.<str:kind>",
        opening.sheet_template,
        name="own_motion_template",
    ),
    path("bandeja/planillas/<int:pk>/", opening.rows, name="sheet"),
    path("bandeja/<str:ref>/", desk.case, name="desk_case"),
    path("bandeja/<str:ref>/pasos/<int:task_id>/", desk.step, name="desk_step"),
    path("bandeja/<str:ref>/pasos/<int:task_id>/tomar/", desk.claim, name="desk_claim"),
    path("bandeja/<str:ref>/pasos/<int:task_id>/soltar/", desk.release, name="desk_release"),
    path("bandeja/<str:ref>/pasos/<int:task_id>/firmar/", acts.sign, name="desk_sign"),
    path("bandeja/<str:ref>/pasos/<int:task_id>/estado/", acts.signing_state, name="desk_signing_state"),
    path("bandeja/<str:ref>/pasos/<int:task_id>/devolver/", acts.send_back, name="desk_send_back"),
    path("bandeja/<str:ref>/pasos/<int:task_id>/vista-previa/", acts.preview, name="desk_preview"),
    path("bandeja/<str:ref>/abstenerme/", waiting.abstain_from, name="desk_abstain"),
    path("bandeja/<str:ref>/filas/<str:step_id>/agregar/", waiting.add_row, name="desk_add_row"),
    path("bandeja/<str:ref>/notificar/<str:step_id>/", desk.notify, name="desk_notify"),
    path("bandeja/<str:ref>/incidentes/<int:incident_id>/reintentar/", desk.retry, name="desk_retry"),
    path("bandeja/<str:ref>/por-que/", desk.why, name="desk_why"),
    path("bandeja/<str:ref>/plazos/<int:deadline_id>/", desk.why_this_date, name="desk_why_this_date"),
    path("bandeja/<str:ref>/gestiones/<slug:slug>/", measures.of_official, name="desk_measure"),
    path("bandeja/<str:ref>/documentos/<int:document_id>/", desk.document, name="desk_document"),
    path("bandeja/<str:ref>/descargar/", desk.download_all, name="desk_download_all"),
    path("incidentes/", incidents.incidents, name="incidents"),
    path("incidentes/<int:incident_id>/", incidents.incident, name="incident"),
    path("incidentes/<int:incident_id>/tomar/", incidents.take, name="incident_take"),
    path("incidentes/<int:incident_id>/encargar/", incidents.assign, name="incident_assign"),
    path("incidentes/<int:incident_id>/reintentar/", incidents.retry, name="incident_retry"),
    path("incidentes/<int:incident_id>/devolver/", incidents.free_step, name="incident_free"),
    path("incidentes/<int:incident_id>/cerrar/", incidents.close, name="incident_close"),
]
