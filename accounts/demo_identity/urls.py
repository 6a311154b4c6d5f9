"""The provider's own addresses, with ClaveÚnica's paths. Never part of the site's."""

from django.urls import path

from accounts.demo_identity import views

urlpatterns = [
    path("", views.home, name="home"),
    path("openid/.well-known/openid-configuration", views.discovery, name="discovery"),
    path("openid/jwks/", views.jwks, name="jwks"),
    path("openid/authorize/", views.authorize, name="authorize"),
    path("openid/token/", views.token, name="token"),
    path("openid/userinfo/", views.userinfo, name="userinfo"),
    path("api/v1/accounts/app/logout", views.logout, name="logout"),
    path("estilo.css", views.stylesheet, name="stylesheet"),
]
