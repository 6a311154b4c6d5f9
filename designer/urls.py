"""Addresses of the designer, below /diseno/."""

from django.urls import path

from designer.views import advising, browse, items, lists, previews, publishing, testing, trying

app_name = "designer"
urlpatterns = [
    path("", browse.procedures, name="procedures"),
    path("crear/", browse.create, name="create"),
    path("versiones/<int:version_id>/editar/", browse.edit_version, name="edit_version"),
    path("<int:pk>/", browse.home, name="home"),
    path("<int:pk>/descartar/", browse.discard, name="discard"),
    path("<int:pk>/ficha/", lists.ficha, name="ficha"),
    path("<int:pk>/preguntas/", lists.questions, name="questions"),
    path("<int:pk>/preguntas/<slug:form_id>/", lists.questions, name="form"),
    path("<int:pk>/pasos/", lists.steps, name="steps"),
    path("<int:pk>/cargos/", lists.bind, name="bind"),
    path("<int:pk>/documentos/", lists.documents, name="documents"),
    path("<int:pk>/documentos/<slug:document_id>/vista/", previews.document, name="document"),
    path("<int:pk>/documentos/<slug:document_id>/pdf/", previews.pdf, name="pdf"),
    path("<int:pk>/avisos/<slug:notice_id>/vista/", previews.notice, name="notice"),
    path("<int:pk>/parte/<path:address>/", items.item, name="item"),
    path("<int:pk>/agregar/<path:address>/", items.add, name="add"),
    path("<int:pk>/mover/<path:address>/", items.move, name="move"),
    path("<int:pk>/quitar/<path:address>/", items.remove, name="remove"),
    path("<int:pk>/tipo/<path:address>/", items.convert, name="convert"),
    path("<int:pk>/plantilla/<path:address>/", items.template, name="template"),
    path("<int:pk>/vista/<path:address>/", previews.question, name="preview"),
    path("<int:pk>/deshacer/", items.undo, name="undo"),
    path("<int:pk>/probar/", trying.trial, name="trial"),
    path("<int:pk>/calidad/", advising.quality, name="quality"),
    path("<int:pk>/casos/", testing.cases, name="cases"),
    path("<int:pk>/casos/correr/", testing.run, name="cases_run"),
    path("<int:pk>/casos/archivo/", testing.cases_file, name="cases_file"),
    path("<int:pk>/casos/terminados/", testing.replay, name="replay"),
    path("<int:pk>/casos/<int:test_id>/", testing.case, name="case"),
    path("<int:pk>/publicar/", publishing.publish, name="publish"),
    path("<int:pk>/publicar/piloto/", publishing.pilot, name="pilot"),
    path("<int:pk>/historial/", publishing.history, name="history"),
    path("<int:pk>/historial/volver/", publishing.restore, name="restore"),
    path("<int:pk>/completo/", publishing.picture, name="whole"),
    path("<int:pk>/archivo/", publishing.export, name="export"),
    path("<int:pk>/archivo/traer/", publishing.files, name="files"),
]
