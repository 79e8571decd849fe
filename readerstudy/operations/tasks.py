"""What every worker does beside its work: it proves the store, tells what it has
counted and, in turn with the others, what the store holds."""

from readerstudy.operations import readying, stored
from readerstudy.operations.published import EVERY_SECONDS, publish
from readerstudy.work.pulse import chore

chore(readying.prove_store, every=60)
chore(publish, every=EVERY_SECONDS)
chore(stored.look_when_due, every=600)
