"""BLEU, ROUGE-L, length and repetition of reports; nothing is downloaded."""

from collections.abc import Mapping

from readerstudy.analysis.statistics.metrics.metric_tables import MetricTable


def text_metrics(
    reference: Mapping[str, str], generated: Mapping[str, str], *, source: str
) -> MetricTable:
    """Metrics of the studies (by id) that both sides have a text for."""
    raise NotImplementedError
