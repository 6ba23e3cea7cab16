"""The forms of API tokens and webhooks."""

from __future__ import annotations

from django import forms

from vetting.tokens import Scope
from vetting.webhooks.addresses import NotAllowed, read_address
from vetting.webhooks.announcing import Occasion


class TokenForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=100,
        help_text="Which program will use it, such as “Applicant tracking”. It stands in the record.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give the token a name.", "max_length": "Use 100 characters at most."},
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=[(code, f"{words} ({code})") for code, words in Scope.choices],
        widget=forms.CheckboxSelectMultiple,
        help_text="As little as the program needs. There is no scope to decide: that is for people.",
        error_messages={"required": "Choose at least one thing that it may do."},
    )

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]).strip()

    def clean_scopes(self) -> list[Scope]:
        return [Scope(code) for code in self.cleaned_data["scopes"]]


class WebhookForm(forms.Form):
    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="Of your own system, such as https://ats.example.org/hooks/candid.",
        widget=forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
        error_messages={
            "required": "Write the address that is to be told.",
            "max_length": "Use 500 characters at most.",
        },
    )
    events = forms.MultipleChoiceField(
        label="Tell it when",
        choices=Occasion.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one event."},
    )

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        try:
            read_address(url)
        except NotAllowed as reason:
            raise forms.ValidationError(str(reason)) from reason
        return url

    def clean_events(self) -> list[Occasion]:
        return [Occasion(code) for code in self.cleaned_data["events"]]


class ChangeWebhookForm(WebhookForm):
    active = forms.BooleanField(
        label="Switched on",
        required=False,
        help_text="Switched off, nothing is sent; what waits is sent when it is on again.",
    )
