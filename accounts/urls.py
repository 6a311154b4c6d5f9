"""Addresses of coming in and going out. Three of them are registered with the identity provider."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("entrar/", views.sign_in, name="sign_in"),
    path("entrar/vuelta/", views.callback, name="callback"),
    path("confirmar/vuelta/", views.confirm_return, name="confirm_return"),
    path("confirmar/<str:nonce>/", views.confirm, name="confirm"),
    path("salir/", views.sign_out, name="sign_out"),
    path("sesion-cerrada/", views.signed_out, name="signed_out"),
]
