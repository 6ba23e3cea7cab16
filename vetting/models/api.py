"""API: a team's tokens, calls that were made once, and where verdicts and decisions are reported to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from vetting.models.team import Team, User


class ApiToken(models.Model):
    """Shown once, when it is made; only its SHA-256 is kept. prefix: what a person recognises it by."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="a_token_has_a_name")]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class IdempotentCall(models.Model):
    """The answer to a call with an Idempotency-Key, given again to the same call for a day."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, help_text="Null while the first call is under way.")
    body = models.JSONField(null=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_answer_a_key")]
        indexes = [models.Index(fields=["made_at"])]

    def __str__(self) -> str:
        return self.key


class Webhook(models.Model):
    """An address of the team's own that is told of verdicts and decisions. secret: signs what is sent."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=100)
    events = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One message to one address: sent until it is taken, or until the tries are used up."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        GIVEN_UP = "given-up", "Given up"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=64)
    body = models.JSONField()
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    answer = models.PositiveSmallIntegerField(null=True, blank=True, help_text="HTTP status of the last try.")
    problem = models.TextField(blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["state", "next_at"])]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"
