"""The candidate's addresses, behind the key of their link: everything here goes through for_candidates()."""

from __future__ import annotations

from django.urls import URLPattern, path

from vetting.web.views import candidate, candidate_data
from vetting.web.views.candidate_reply import candidate_reply
from vetting.web.views.groups import groups

urlpatterns: list[URLPattern] = [
    path("", candidate.overview, name="candidate"),
    path("notice/", candidate.notice, name="candidate-notice"),
    path("photos/", candidate.photos, name="candidate-photos"),
    path("photos/<int:pk>.webp", candidate.photo, name="candidate-photo"),
    path("photos/<int:pk>/says/", candidate.photo_says, name="candidate-photo-says"),
    path("reply/", candidate_reply, name="candidate-reply"),
    path("groups/", groups, name="candidate-groups"),
    path("data/", candidate_data.data, name="candidate-data"),
    path("data/copy.zip", candidate_data.data_copy, name="candidate-data-copy"),
    path("data/erase/", candidate_data.erase, name="candidate-data-erase"),
]
