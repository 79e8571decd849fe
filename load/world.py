"""What is read under load: a study that the product's own services make.

Runs inside the site (`Site.shell`). Radiographs are drawn phantoms; the texts are as
long as reports are; the study asks what studies ask unless told otherwise.
"""

from django.contrib.auth.hashers import make_password

from inference.phantom.phantom import draw
from readerstudy.accounts.models import User
from readerstudy.cases.frame_store import keep_frame
from readerstudy.cases.frames import Frame
from readerstudy.cases.models import Case, Collection, Image
from readerstudy.cases.services import store_image
from readerstudy.reports.services import UploadedReport, source_named, store_reports
from readerstudy.studies.models import Study
from tests import worlds
from tests.people import Person

CODE = "load"
PASSWORD = "for-one-run-only"  # noqa: S105
# Different radiographs; they come again under many cases.
FRAMES = 16
SENTENCES = (
    "The heart is of normal size and the mediastinal contours are unremarkable.",
    "The lungs are clear without focal consolidation, effusion or pneumothorax.",
    "No acute bony abnormality is seen; degenerative changes of the spine are mild.",
    "This was written by {source} on {code}.",
)


def make(*, readers: int, cases: int, side: int) -> dict[str, object]:
    """Make a study that is open for reading; return how its readers sign in.

    side: pixels of a side of each radiograph.
    """
    people = _people(readers)
    _collection(cases, side)
    study = worlds.draft_study(
        CODE,
        readers=people,
        distance=max(1, min(10, cases // 2)),
        display_check=True,
        guess_sample=10,
        consent="I agree to take part.",
    )
    worlds.practice_case(study)
    prepare(worlds.opened(study))
    names = [person.user.username for person in people]
    return {"study": CODE, "readers": names, "password": PASSWORD}


def prepare(study: Study) -> None:
    """Let every reader agree, look at the display and practise."""
    for reader in study.membership_set.readers().select_related("study", "user"):
        worlds.prepare(reader)


def _people(count: int) -> list[Person]:
    # Argon2 takes its time on purpose: one hash serves all who only read here.
    hashed = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(username=f"reader{number}", password=hashed)
        for number in range(1, count + 1)
    )
    return [Person(user) for user in users]


def _collection(cases: int, side: int) -> None:
    made = Collection.objects.create(name="phantoms")
    drawn = [draw(seed, size=side) for seed in range(min(FRAMES, cases))]
    kept = [keep_frame(Frame(phantom.pixels)) for phantom in drawn]
    for number in range(cases):
        seed = number % len(drawn)
        case = Case.objects.create(
            collection=made,
            code=f"CXR{number + 1}",
            stratum=drawn[seed].stratum,
            indication="Cough and fever for three days.",
        )
        case.image = store_image(
            case=case,
            name=f"{case.code}.png",
            frame=kept[seed],
            view=Image.View.FRONTAL,
            source_sha256=f"{number:064d}",
        )
        case.save()
    for source in ("ground_truth", "cxr_llava"):
        _reports(made, source)


def _reports(made: Collection, source: str) -> None:
    cases = {case.code: case for case in Case.objects.filter(collection=made)}
    text = " ".join(SENTENCES)
    store_reports(
        source=source_named(source),
        cases=cases,
        uploads=[
            UploadedReport(code, text=text.format(code=code, source=source))
            for code in cases
        ],
        actor=None,
        origin="reports.csv",
    )
