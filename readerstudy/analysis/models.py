"""The analysis: a result set, and the fingerprint of the reads that it saw."""

from django.db import models

from readerstudy.studies.models import Study


class AnalysisRun(models.Model):
    """One computed result set over one state of the reads. Never altered."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    reads_sha256 = models.CharField(max_length=64)
    version = models.CharField(max_length=40)
    results = models.JSONField()
    computed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "reads_sha256", "version"], name="analysis_once"
            )
        ]

    def __str__(self) -> str:
        return f"analysis of {self.study}"
