"""The pages' addresses."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from vetting.web.views import accounts, applicants, certifications, openings, photos, queue, reference, reports, team

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="openings")),
    path("openings/", openings.openings, name="openings"),
    path("openings/new/", openings.opening_new, name="opening-new"),
    path("openings/<int:pk>/", openings.opening, name="opening"),
    path("openings/<int:pk>/edit/", openings.opening_edit, name="opening-edit"),
    path("openings/<int:pk>/report.csv", reports.opening_csv, name="opening-csv"),
    path("openings/<int:pk>/applicants/new/", applicants.applicant_new, name="applicant-new"),
    path("applicants/<int:pk>/", applicants.applicant, name="applicant"),
    path("applicants/<int:pk>/photos/", photos.photo_upload, name="photo-upload"),
    path("applicants/<int:pk>/decide/", applicants.decide, name="decide"),
    path("applicants/<int:pk>/forget/", applicants.applicant_forget, name="applicant-forget"),
    path("applicants/<int:pk>/report.pdf", reports.applicant_pdf, name="applicant-pdf"),
    path("applicants/<int:pk>/report.json", reports.applicant_json, name="applicant-json"),
    path("applicants/<int:pk>/report.csv", reports.applicant_csv, name="applicant-csv"),
    path("photos/<int:pk>/<str:size>.webp", photos.photo_preview, name="photo-preview"),
    path("photos/<int:pk>/examine/", photos.photo_examine, name="photo-examine"),
    path("analyses/<int:pk>/", photos.analysis, name="analysis"),
    path("queue/", queue.queue, name="queue"),
    path("reports/", reports.reports, name="reports"),
    path("accuracy/", reference.accuracy, name="accuracy"),
    path("certify/", certifications.certifications, name="certifications"),
    path("certify/new/", certifications.certification_new, name="certification-new"),
    path("certify/<int:pk>/", certifications.certification, name="certification"),
    path("certify/<int:pk>/photos/", certifications.certification_upload, name="certification-upload"),
    path(
        "certify/<int:pk>/photos/<int:photo>/remove/",
        certifications.certification_photo_remove,
        name="certification-photo-remove",
    ),
    path("certify/<int:pk>/delete/", certifications.certification_delete, name="certification-delete"),
    path("certify/<int:pk>/result.csv", certifications.certification_csv, name="certification-csv"),
    path("certify/<int:pk>/result.json", certifications.certification_json, name="certification-json"),
    path("styleguide/", reference.styleguide, name="styleguide"),
    path("settings/", team.settings_page, name="settings"),
    path("settings/password/", accounts.ChangePassword.as_view(), name="password"),
    path("sign-in/", accounts.SignIn.as_view(), name="sign-in"),
    path("sign-out/", accounts.SignOut.as_view(), name="sign-out"),
    path("healthz", accounts.healthz, name="healthz"),
]
