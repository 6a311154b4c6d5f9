"""Addresses of participation and of the progress dashboard."""

from django.urls import path

from participation.views import care, open_data, progress, promising, proposing, public, supporting

app_name = "participation"
urlpatterns = [
    path("participa/", public.subjects, name="subjects"),
    path("participa/mis-apoyos/", supporting.mine, name="mine"),
    path("participa/respuestas/", public.answers, name="answers"),
    path("participa/reglas/", public.rules, name="rules"),
    path("participa/recuento/", public.tally, name="tally"),
    path("participa/recuento/recontar.py", open_data.recount_program, name="recount_program"),
    path("participa/recuento/<int:number>.json", open_data.batch, name="batch"),
    path("participa/datos/apoyos.csv", open_data.supports_csv, name="supports_csv"),
    path("participa/datos/apoyos.json", open_data.supports_json, name="supports_json"),
    path("participa/datos/exposicion.csv", open_data.exposure_csv, name="exposure_csv"),
    path("participa/proponer/", proposing.propose, name="propose"),
    path("participa/moderar/", care.desk, name="care"),
    path("participa/moderar/propuesta/<int:proposal_id>/", care.moderate, name="moderate"),
    path("participa/moderar/revision/", care.review, name="review"),
    path("participa/moderar/revision/<int:review_id>/", care.decide_review, name="decide_review"),
    path("participa/moderar/derivar/<int:answer_id>/", care.name_receiver, name="name_receiver"),
    path("participa/moderar/unir/", care.merge, name="merge"),
    path("participa/moderar/unir/<int:merge_id>/", care.undo_merge, name="undo_merge"),
    path("participa/prioridades/", care.priorities, name="priorities"),
    path("participa/compromiso/", promising.commitment, name="commitment"),
    path("participa/compromiso/<int:commitment_id>/terminar/", promising.end_commitment, name="end_commitment"),
    path("participa/t/<slug:code>/", public.subject, name="subject"),
    path("participa/t/<slug:code>/apoyar/", supporting.support, name="support"),
    path("participa/t/<slug:code>/retirar/", supporting.withdraw, name="withdraw"),
    path("participa/t/<slug:code>/evidencia/", supporting.evidence, name="evidence"),
    path("participa/t/<slug:code>/comprobante/", supporting.receipt, name="receipt"),
    path("participa/t/<slug:code>/comprobante.json", supporting.receipt_json, name="receipt_json"),
    path("participa/t/<slug:code>/objetar/", supporting.contest, name="contest"),
    path("participa/t/<slug:code>/valio/", supporting.worth_it, name="worth_it"),
    path("participa/t/<slug:code>/no-unir/", supporting.opt_out, name="opt_out"),
    path("participa/t/<slug:code>/aclarar/", proposing.add, name="add"),
    path("participa/t/<slug:code>/correo/", supporting.email, name="email"),
    path("participa/t/<slug:code>/editar/", proposing.edit, name="edit"),
    path("participa/t/<slug:code>/sabia/", supporting.knew, name="knew"),
    path("participa/t/<slug:code>/volumen/", promising.volume, name="volume"),
    path("participa/t/<slug:code>/avanzar/", care.move, name="move"),
    path("avance/", progress.dashboard, name="progress"),
    path("avance/datos.csv", progress.data_csv, name="progress_csv"),
    path("avance/datos.json", progress.data_json, name="progress_json"),
]
