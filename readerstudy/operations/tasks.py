"""What every worker does beside its work: it tells what it has counted
and, in turn with the others, what the store holds."""

from readerstudy.operations import stored
from readerstudy.operations.published import EVERY_SECONDS, publish
from readerstudy.work.pulse import chore

chore(publish, every=EVERY_SECONDS)
chore(stored.look_when_due, every=600)
