"""The one Django app."""

from django.apps import AppConfig


class VettingConfig(AppConfig):
    name = "vetting"
    verbose_name = "Candid"

    def ready(self) -> None:
        from vetting import checks  # noqa: F401 - registers the system checks
        from vetting.web.sign_in import noted  # noqa: F401 - listens to allauth
