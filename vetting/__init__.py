"""The Django side: teams, openings, applicants, photos, and what people decide."""

from vetting.celery import app as celery_app

__all__ = ["celery_app"]
