"""CXR-LLaVA as a writer of reports: the engine behind the interface of writing.py."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from inference.identity import DecodingSettings, fingerprint
from inference.prompts import report_conversation
from inference.writers.writing import Failed, Key, Outcome, Picture, Written

if TYPE_CHECKING:
    from inference.engine import ReportEngine


class CxrLlavaWriter:
    """Writes up to `batch` reports at once."""

    def __init__(
        self, engine: "ReportEngine", *, settings: DecodingSettings, batch: int
    ) -> None:
        self.engine = engine
        self.settings = settings
        self.batch = batch

    @property
    def fingerprint(self) -> str:
        """Name (checkpoint, prompt, settings)."""
        return fingerprint(self.engine.revision, report_conversation(), self.settings)

    def provenance(self) -> dict[str, Any]:
        """Return what reports rest on besides their images."""
        return self.engine.provenance(settings=self.settings)

    def write(self, pictures: Sequence[Picture[Key]]) -> Iterator[Outcome[Key]]:
        """Write a report on each picture."""
        from inference.batching import Request, answer_many

        talk = report_conversation()
        requests = [Request(each.key, each.open, talk) for each in pictures]
        for one in answer_many(
            self.engine, requests, settings=self.settings, batch=self.batch
        ):
            if one.report is None:
                yield Failed(one.key, one.problem)
                continue
            making = {
                "prompt_tokens": one.report.prompt_tokens,
                "new_tokens": one.report.new_tokens,
                "finish": one.report.finish,
                "seconds": round(one.report.seconds, 3),
                "batch": one.report.batch,
            }
            yield Written(one.key, one.report.text, making)
