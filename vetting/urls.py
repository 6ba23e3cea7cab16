"""The site's addresses: pages under vetting.web, the operator's admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("vetting.web.urls")),
]

handler400 = "vetting.web.views.errors.bad_request"
