"""The form of a link for an auditor."""

from __future__ import annotations

import datetime as dt

from django import forms

LASTS = [("7", "a week"), ("30", "30 days"), ("90", "90 days")]  # an audit takes weeks; a longer one gets a new link


class AuditLinkForm(forms.Form):
    auditor = forms.CharField(
        label="For whom",
        max_length=200,
        help_text="The auditor’s name and office. It stands here, for the admins of your team.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say for whom the link is.", "max_length": "Use 200 characters at most."},
    )
    lasts = forms.ChoiceField(
        label="Opens for",
        choices=LASTS,
        initial="30",
        error_messages={
            "required": "Say for how long the link opens the page.",
            "invalid_choice": "Choose one of these times.",
        },
    )

    def clean_auditor(self) -> str:
        return str(self.cleaned_data["auditor"]).replace("\0", "").strip()

    def clean_lasts(self) -> dt.timedelta:
        return dt.timedelta(days=int(self.cleaned_data["lasts"]))
