"""The whole examination, in the order in which an operator would look."""

from collections.abc import Callable
from functools import partial

from readerstudy.operations import checks
from readerstudy.operations.doctor.front import front
from readerstudy.operations.doctor.letters import letters
from readerstudy.operations.doctor.machine import clock, model, static_files
from readerstudy.operations.doctor.named import keys, modes, network
from readerstudy.operations.doctor.stored import stored_keys
from readerstudy.operations.findings import Finding

_LOOKS: tuple[Callable[[], list[Finding]], ...] = (
    *(modes, keys, network, partial(checks.neighbours, is_proved=True)),
    *(stored_keys, clock, letters, static_files, front, model),
)


def examined() -> list[Finding]:
    """Everything that was found; nothing raises, nothing is changed."""
    return [finding for look in _LOOKS for finding in look()]
