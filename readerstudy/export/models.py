"""The export: what was handed out, to whom, with its hash."""

from django.conf import settings
from django.db import models

from readerstudy.studies.models import Study


class ExportBundle(models.Model):
    """A record of one exported bundle. The bytes are rebuilt from the same rows."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )
    made_at = models.DateTimeField(auto_now_add=True)
    manifest_sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"export of {self.study}"
