"""The site's addresses: pages under vetting.web, the API, the operator's admin."""

from django.contrib import admin
from django.urls import include, path

from vetting.web.views.accounts import admin_sign_in

urlpatterns = [
    path("admin/login/", admin_sign_in),
    path("admin/", admin.site.urls),
    path("api/", include("vetting.api.urls")),
    path("", include("vetting.web.urls")),
]

handler400 = "vetting.web.views.errors.bad_request"
