"""The forms; their errors are sentences for the person who fills them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet

from vetting.models import Applicant, Opening, Role, Team
from vetting.models.decision import Choice
from vetting.models.first_look import Sees
from vetting.openings import POLICY

if TYPE_CHECKING:  # at run time the class takes no type argument
    _OpeningModelForm = forms.ModelForm[Opening]
    _ApplicantModelForm = forms.ModelForm[Applicant]
else:
    _OpeningModelForm = _ApplicantModelForm = forms.ModelForm


def _sentence(what: str) -> dict[str, str]:
    return {"required": what}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldGroup:
    """Fields of a form that stand under one heading."""

    title: str
    about: str
    fields: tuple[forms.BoundField, ...]


MOST_REPLY_DAYS = 90  # a case that waits a quarter of a year is decided by the calendar


class OpeningForm(_OpeningModelForm):
    """team: asked only where somebody may add to several. Who decides and the time to answer have defaults."""

    team = forms.ModelChoiceField(Team.objects.none(), error_messages=_sentence("Choose the team it belongs to."))

    class Meta:
        model = Opening
        fields = POLICY
        labels = {
            "title": "Title",
            "photo_reason": "Why is a photo needed?",
            "retouching": "Is retouching tolerated?",
            "retention_days": "Keep photos for (days)",
            "reply_days": "Time to answer (days)",
            "deciders": "Who may decide?",
            "second_review": "Does somebody confirm?",
            "blind_first": "Look blind first",
            "blur_faces": "Blur faces in lists",
        }
        help_texts = {
            "title": "The job or casting call, as your team calls it.",
            "photo_reason": "One or two sentences; candidates are told.",
            "retention_days": "Counted from the day an applicant is added; candidates are told.",
            "reply_days": "Who is set aside or asked for the original has this long, from the day they are told.",
            "retouching": "After a change, photos keep their verdict until they are examined again.",
            "deciders": "The others still read everything.",
            "second_review": "Somebody else of the team; until then the first decision does not count.",
            "blind_first": "Reviewers say what they see before they are shown the findings. Both are kept, "
            "and “Agreement” counts how often they agree.",
            "blur_faces": "Queue, tables and searches show a blurred photo; the applicant’s own page shows it sharp.",
        }
        error_messages = {
            "title": {"required": "Give the opening a title.", "max_length": "Use 200 characters at most."},
            "retention_days": {
                "required": "Say for how many days photos are kept.",
                "invalid": "Write a number of days, such as 180.",
                "min_value": "Keep photos for one day at least.",
            },
            "reply_days": {"invalid": "Write a number of days, such as 14."},
        }
        widgets = {
            "photo_reason": forms.Textarea(attrs={"rows": 3}),
            "retouching": forms.RadioSelect,
            "deciders": forms.RadioSelect,
            "second_review": forms.RadioSelect,
        }

    field_order = ("team", *POLICY)
    GROUPS = (
        ("Why", "What it is, and why a photo is asked for.", ("team", "title", "photo_reason")),
        ("Retouching", "", ("retouching",)),
        ("Who decides", "Nothing is ever decided by the machine.", ("deciders", "second_review", "blind_first")),
        ("Lists", "", ("blur_faces",)),
        ("Retention", "", ("retention_days", "reply_days", "closed")),
    )

    def __init__(self, *args: Any, teams: QuerySet[Team] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("deciders", "second_review", "reply_days"):
            self.fields[name].required = False
        for name, most in (("retention_days", 3650), ("reply_days", MOST_REPLY_DAYS)):
            days = self.fields[name]
            days.widget.attrs.update(min=1, max=most)
            if isinstance(days, forms.IntegerField):
                days.min_value, days.max_value = 1, most
        team = self.fields["team"]
        if teams is None:
            del self.fields["team"]
        elif isinstance(team, forms.ModelChoiceField):
            team.queryset = teams
            if len(teams) == 1:
                team.widget = forms.HiddenInput()
                team.initial = teams[0]

    @property
    def groups(self) -> list[FieldGroup]:
        return [
            FieldGroup(title=title, about=about, fields=tuple(self[name] for name in names if name in self.fields))
            for title, about, names in self.GROUPS
        ]

    def clean_deciders(self) -> str:
        return self.cleaned_data["deciders"] or self.instance.deciders

    def clean_second_review(self) -> str:
        return self.cleaned_data["second_review"] or self.instance.second_review

    def clean_reply_days(self) -> int:
        days = self.cleaned_data["reply_days"]
        days = self.instance.reply_days if days is None else int(days)
        if not 1 <= days <= MOST_REPLY_DAYS:
            raise forms.ValidationError(f"Give one day at least and {MOST_REPLY_DAYS} days at most.")
        return days

    def clean_title(self) -> str:
        return str(self.cleaned_data["title"]).strip()

    def clean_retention_days(self) -> int:
        days = int(self.cleaned_data["retention_days"])
        if not 1 <= days <= 3650:
            raise forms.ValidationError("Keep photos for one day at least and ten years at most.")
        return days


class ChangeOpeningForm(OpeningForm):
    closed = forms.BooleanField(
        label="Closed", required=False, help_text="Closed openings move to the end of the list; nothing is deleted."
    )


class ApplicantForm(_ApplicantModelForm):
    class Meta:
        model = Applicant
        fields = ("name", "email", "reference")
        labels = {"name": "Name", "email": "Email", "reference": "Your reference"}
        help_texts = {
            "name": "As the person uses it.",
            "email": "Optional.",
            "reference": "Optional: your own number or link for this person.",
        }
        error_messages = {
            "name": {"required": "Write the applicant's name.", "max_length": "Use 200 characters at most."},
            "email": {"invalid": "Write an address such as name@example.org, or leave it empty."},
        }
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}


class DecisionForm(forms.Form):
    choice = forms.ChoiceField(
        choices=Choice.choices,
        error_messages={"required": "Choose what to do.", "invalid_choice": "Choose one of the buttons."},
    )
    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": "Please write a sentence that says why. It goes into the report.",
            "max_length": "Please use 2,000 characters at most.",
        },
    )


class FirstLookForm(forms.Form):
    sees = forms.ChoiceField(
        choices=Sees.choices,
        error_messages={"required": "Choose what you see.", "invalid_choice": "Choose one of the buttons."},
    )
    note = forms.CharField(
        max_length=2000, required=False, error_messages={"max_length": "Please use 2,000 characters at most."}
    )


class MemberForm(forms.Form):
    username = forms.RegexField(
        r"^[\w.@+-]{1,150}$",
        label="User name",
        help_text="The name they sign in with; somebody who has an account already keeps it.",
        error_messages={
            "required": "Write the name they will sign in with.",
            "invalid": "Use letters, digits and the signs @ . + - _ only.",
        },
    )
    full_name = forms.CharField(label="Full name", max_length=150, required=False, help_text="Stands under decisions.")
    email = forms.EmailField(
        label="Email",
        required=False,
        error_messages={"invalid": "Write an address such as name@example.org, or leave it empty."},
    )
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.RECRUITER)


class TeamForm(forms.Form):
    """What candidates are told of the team, and what is switched on; each sentence says what it does."""

    contact = forms.CharField(
        label="Who answers for the data",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Name, address, e-mail: candidates read it in the notice, and write there. If you have a data "
        "protection officer, name them too.",
        error_messages={"max_length": "Use 1,000 characters at most."},
    )
    likeness = forms.BooleanField(
        label="Likeness score at meetings",
        required=False,
        help_text="A program also says how alike photo and live picture are, with how often it is wrong; only of "
        "candidates who agree to it. Off, none is ever made.",
    )
    asks_groups = forms.BooleanField(
        label="Ask candidates about groups",
        required=False,
        help_text="Candidates may name their sex and ethnic group, for an audit of fairness. Nobody in the team sees "
        "an answer: they appear in counts alone.",
    )


class CertificationForm(forms.Form):
    """team: asked only where somebody may add to several."""

    team = forms.ModelChoiceField(Team.objects.none(), error_messages=_sentence("Choose the team it belongs to."))
    name = forms.CharField(
        label="Name",
        max_length=200,
        help_text="What the photos have in common, such as “Studio Berlin 2025”. It stands on the result.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give the photos a name.", "max_length": "Use 200 characters at most."},
    )
    camera = forms.BooleanField(
        label="I know that these photos came from a camera and were not generated",
        help_text="Every alarm among them counts as false. A generated picture in between makes the figure worthless.",
        error_messages=_sentence("Only photos that you know to be from a camera can tell how often an alarm is false."),
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = self.fields["team"]
        if isinstance(team, forms.ModelChoiceField):
            team.queryset = teams
            if len(teams) == 1:
                team.widget = forms.HiddenInput()
                team.initial = teams[0]
