"""Team, the people in it, and what each may do."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    """Every member reads, decides and exports; recruiters also add, admins also add and run the team."""

    RECRUITER = "recruiter", "Recruiter"
    REVIEWER = "reviewer", "Reviewer"
    ADMIN = "admin", "Admin"


class Summary(models.TextChoices):
    """How often a member is told by e-mail what waits."""

    NEVER = "never", "Never"
    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every Monday"


class User(AbstractUser):
    """A person who signs in."""

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Team(models.Model):
    """An agency or a company; nobody sees another team's data."""

    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    contact = models.TextField(blank=True, help_text="Who answers for the data, as candidates are told: name, address.")
    likeness = models.BooleanField(default=False, help_text="Booth checks may show a likeness score.")
    asks_groups = models.BooleanField(default=False, help_text="Candidates may name their groups, for an audit.")

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="team_has_a_name")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user in a team, with a role."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role, default=Role.RECRUITER)
    summary = models.CharField(max_length=8, choices=Summary, default=Summary.NEVER)
    summarised_at = models.DateTimeField(null=True, blank=True, help_text="What came before is told already.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="one_membership_a_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"
