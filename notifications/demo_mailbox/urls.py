from django.urls import path

from notifications.demo_mailbox import views

app_name = "demo_mailbox"
urlpatterns = [
    path("", views.mail_list, name="list"),
    path("<slug:mail_id>/", views.mail, name="mail"),
]
