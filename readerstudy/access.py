"""The only door from a request to a row.

A person without any role in a study gets 404, as if it did not exist; a person whose
role does not reach gets 403. Views and api.py load rows through these functions and
no other way.
"""

from typing import NoReturn

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from rest_framework.request import Request

from readerstudy.accounts.models import ApiToken, User
from readerstudy.analysis.models import AnalysisRun, Exclusion
from readerstudy.cases.models import (
    BulkChange,
    Case,
    CaseExclusion,
    Collection,
    DeliveredFile,
    Delivery,
    Image,
)
from readerstudy.presentation.blinding_audit.models import BlindingAudit
from readerstudy.presentation.models import (
    PracticeCase,
    Slot,
    page_for,
    shown_page_for,
)
from readerstudy.reports.console.models import Conversation, Turn
from readerstudy.reports.models import Report, Source
from readerstudy.reports.tables.models import TableImport
from readerstudy.studies.models import (
    Arm,
    Invitation,
    Membership,
    Study,
    membership_of,
)

AnyRequest = HttpRequest | Request
Role = Membership.Role


def person(request: AnyRequest) -> User:
    """The signed-in person; the login middleware has seen to that."""
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user


def token_of_person(request: AnyRequest, mark: str) -> ApiToken:
    """A token of the person's own; anyone else's does not exist for them."""
    own = ApiToken.objects.filter(user=person(request))
    return get_object_or_404(own, key_sha256__startswith=mark)


def _membership(request: AnyRequest, code: str) -> Membership:
    user = person(request)
    found = membership_of.first(code=code, user=user.pk)
    if found is None:
        raise Http404("There is no such study.")
    found.user = user
    return found


def _refuse(sentence: str) -> NoReturn:
    raise PermissionDenied(sentence)


def membership(request: AnyRequest, code: str) -> Membership:
    """Any role in the study."""
    return _membership(request, code)


def study_for_coordinator(request: AnyRequest, code: str) -> Study:
    """The study, for its coordinators."""
    found = _membership(request, code)
    if found.role != Role.COORDINATOR:
        _refuse(_("This page is for the coordinators of the study."))
    return found.study


def study_for_results(request: AnyRequest, code: str) -> Study:
    """The study, for those who may see its results; never for its readers."""
    found = _membership(request, code)
    if found.role == Role.READER:
        _refuse(_("Results are not shown to the readers of a study."))
    return found.study


def study_for_copying(request: AnyRequest, code: str) -> Study:
    """The study, for those of its coordinators who may create another one."""
    study = study_for_coordinator(request, code)
    site_coordinator(request)
    return study


def closed_study_for_results(request: AnyRequest, code: str) -> Study:
    """The study once it is closed, or was unblinded early and in the record.

    Before that nobody sees a grade by arm.
    """
    study = study_for_results(request, code)
    if not study.has_open_results:
        _refuse("Results are sealed until the coordinator closes the study.")
    return study


def closed_study_for_texts(request: AnyRequest, code: str) -> Study:
    """The closed study, for those who may see which arm wrote which report.

    Whoever still reads some of its cases in another study would know the reports there.
    """
    study = closed_study_for_results(request, code)
    _refuse_who_reads_its_cases(request, study)
    return study


def study_for_protocol(request: AnyRequest, code: str) -> Study:
    """The study whose protocol names every report's arm, closed or not.

    Kept, as the texts are, from those who still read some of its cases elsewhere.
    """
    study = study_for_results(request, code)
    _refuse_who_reads_its_cases(request, study)
    return study


def _refuse_who_reads_its_cases(request: AnyRequest, study: Study) -> None:
    if _still_reads_cases_of(request, study):
        results = "; the results are open" if study.has_open_results else ""
        _refuse(
            "You read some of these cases in a study that is not closed yet. Which arm "
            f"wrote which report is kept from you until then{results}."
        )


def _still_reads_cases_of(request: AnyRequest, study: Study) -> bool:
    """Whether the person reads some of a study's cases where reading has not ended."""
    reads = Membership.objects.readers().filter(
        user=person(request),
        study__caseset__studycase__case__in=Case.objects.of_study(study).order_by(),
    )
    return reads.of_studies_not_ended().exists()


def reader_of_study(request: AnyRequest, code: str) -> Membership:
    """The person as a reader of a study that is frozen or further."""
    found = _membership(request, code)
    if found.role != Role.READER:
        _refuse(_("This page is for the readers of the study."))
    if found.study.is_draft:
        _refuse(_("The study is still being prepared. Come back once it is open."))
    return found


def invitation_for_coordinator(
    request: AnyRequest, code: str, invitation_id: int
) -> Invitation:
    """An invitation to a study, for its coordinators."""
    return get_object_or_404(
        Invitation, pk=invitation_id, study=study_for_coordinator(request, code)
    )


def slot_for_reader(
    request: AnyRequest, public_id: str, *, with_image: bool = False
) -> Slot:
    """A page of the person's own list; anyone else's does not exist for them.

    It is named by its leading slot: the second of a pair has no page of its own.
    """
    reader = person(request)
    found = shown_page_for if with_image else page_for
    slot = found.first(public_id=public_id, user=reader.pk)
    if slot is None:
        raise Http404("There is no such page on your list.")
    slot.reader.user = reader
    return slot


def practice_case_for_reader(
    request: AnyRequest, code: str, number: int
) -> tuple[Membership, PracticeCase]:
    """The person as a reader of a study, and one of its practice cases."""
    reader = reader_of_study(request, code)
    cases = PracticeCase.objects.select_related("study", "report__case__image")
    return reader, get_object_or_404(cases, study=reader.study, number=number)


def arm_for_coordinator(request: AnyRequest, code: str, arm_id: int) -> Arm:
    """An arm of a study, for its coordinators."""
    return get_object_or_404(Arm, pk=arm_id, study=study_for_coordinator(request, code))


def member_for_coordinator(
    request: AnyRequest, code: str, membership_id: int
) -> Membership:
    """A membership of a study, for its coordinators."""
    return get_object_or_404(
        Membership.objects.select_related("user"),
        pk=membership_id,
        study=study_for_coordinator(request, code),
    )


def site_coordinator(request: AnyRequest) -> User:
    """The person, if they may import cases and create studies on this site."""
    user = person(request)
    if not user.may_create_studies:
        _refuse(
            "Creating studies needs a coordinator's account. Ask the person who runs "
            "this site."
        )
    return user


def collection_for_coordinator(request: AnyRequest, name: str) -> Collection:
    """A collection of cases, for the site's coordinators."""
    site_coordinator(request)
    return get_object_or_404(Collection, name=name)


def collection_for_review(request: AnyRequest, name: str) -> Collection:
    """A collection whose texts are shown by source, for the site's coordinators.

    Whoever reads some of its cases in a study that is not closed, or is going to,
    would know the reports there.
    """
    found = collection_for_coordinator(request, name)
    refuse_who_reads_in(request, found)
    return found


def refuse_who_reads_in(request: AnyRequest, collection: Collection) -> None:
    """Refuse those who read cases of a collection in a study that is not closed."""
    reads = Membership.objects.readers().filter(
        user=person(request),
        study__caseset__studycase__case__collection=collection,
    )
    if reads.exclude(study__state__in=Study.ENDED).exists():
        _refuse(
            "You read cases of this collection in a study that is not closed yet. "
            "Which source wrote which text is kept from you until then."
        )


def delivery_for_coordinator(request: AnyRequest, delivery_id: int) -> Delivery:
    """What comes into a collection, for the site's coordinators."""
    site_coordinator(request)
    deliveries = Delivery.objects.select_related("collection", "asked_by")
    return get_object_or_404(deliveries, pk=delivery_id)


def delivered_file_for_coordinator(
    request: AnyRequest, delivery_id: int, file_id: int
) -> DeliveredFile:
    """A file of a delivery, for the site's coordinators."""
    delivery = delivery_for_coordinator(request, delivery_id)
    return get_object_or_404(DeliveredFile, pk=file_id, delivery=delivery)


def image_for_coordinator(request: AnyRequest, image_id: int) -> Image:
    """A radiograph of any collection, for the site's coordinators."""
    site_coordinator(request)
    return get_object_or_404(
        Image.objects.select_related("case__collection"), pk=image_id
    )


def table_of_person(request: AnyRequest, token: str) -> TableImport:
    """A table of reports that the person uploaded; anyone else's does not exist.

    What is new in it tells which source wrote a text that is here already.
    """
    found = get_object_or_404(
        TableImport.objects.select_related("collection", "uploaded_by"),
        token=token,
        uploaded_by=site_coordinator(request),
    )
    refuse_who_reads_in(request, found.collection)
    return found


def source_for_coordinator(request: AnyRequest, name: str) -> Source:
    """A source of reports, for the site's coordinators."""
    site_coordinator(request)
    return get_object_or_404(Source, name=name)


def bulk_change_for_coordinator(request: AnyRequest, change_id: int) -> BulkChange:
    """A change of many cases at once, for the site's coordinators."""
    site_coordinator(request)
    return get_object_or_404(
        BulkChange.objects.select_related("collection"), pk=change_id
    )


def case_for_coordinator(request: AnyRequest, case_id: int) -> Case:
    """A case of any collection, for the site's coordinators."""
    site_coordinator(request)
    return get_object_or_404(Case.objects.select_related("collection"), pk=case_id)


def drawn_image_for_coordinator(request: AnyRequest, code: str, image_id: int) -> Image:
    """A radiograph of a case that was drawn for a study, for its coordinators."""
    study = study_for_coordinator(request, code)
    images = Image.objects.filter(case__in=Case.objects.of_study(study).order_by())
    return get_object_or_404(images.select_related("case"), pk=image_id)


def case_exclusion_for_coordinator(
    request: AnyRequest, code: str, exclusion_id: int
) -> CaseExclusion:
    """A case that a study does not read, for its coordinators."""
    return get_object_or_404(
        CaseExclusion.objects.select_related("study", "case"),
        study=study_for_coordinator(request, code),
        pk=exclusion_id,
    )


def study_for_packing(request: AnyRequest, code: str) -> Study:
    """The study, for those of its coordinators who may see all that a file of it holds.

    That is every text by arm and, once it was read, every grade by arm. While reading
    is not over, whoever runs the server packs it with a command instead.
    """
    study = study_for_coordinator(request, code)
    if study.is_draft or study.is_frozen:
        return study_for_blinding(request, code)
    if not study.is_closed:
        _refuse(
            "The file would hold grades by arm, which are sealed until the study is "
            "closed. Whoever runs the server can pack a paused study with the command "
            "pack_study."
        )
    return closed_study_for_texts(request, code)


def study_for_console(request: AnyRequest, code: str) -> Study:
    """The study, for those of its coordinators who may see what the model writes.

    Whoever still reads in some study, or is going to, could tell by it which of the
    reports are the model's.
    """
    study = study_for_coordinator(request, code)
    if still_reads(request):
        _refuse(
            "You are a reader of a study that is not closed yet. What the model writes "
            "is kept from you until then."
        )
    return study


def still_reads(request: AnyRequest) -> bool:
    """Whether the person reads in some study that has not ended, or is going to."""
    reads = Membership.objects.readers().filter(user=person(request))
    return reads.of_studies_not_ended().exists()


def study_for_blinding(request: AnyRequest, code: str) -> Study:
    """The study, for those of its coordinators who may see which arm writes how.

    Whoever still reads some of its cases, in this or another study, could tell by it.
    """
    study = study_for_coordinator(request, code)
    if _still_reads_cases_of(request, study):
        _refuse(
            "You read some of these cases in a study that is not closed yet. How the "
            "arms write is kept from you until then; another coordinator can audit."
        )
    return study


def study_for_rehearsal(request: AnyRequest, code: str) -> Study:
    """The study, for those of its coordinators who may see its reports as readers do.

    Whoever still reads some of its cases, in this or another study, would have read
    them before.
    """
    study = study_for_coordinator(request, code)
    if _still_reads_cases_of(request, study):
        _refuse(
            "You read some of these cases in a study that is not closed yet. Their "
            "reports are kept from you until you read them there; another coordinator "
            "can rehearse."
        )
    return study


def blinding_audit_for_coordinator(
    request: AnyRequest, code: str, audit_id: int
) -> BlindingAudit:
    """An audit of a study that has a result, for those who may see how arms write."""
    study = study_for_blinding(request, code)
    return get_object_or_404(BlindingAudit.objects.done(study), pk=audit_id)


def case_for_console(
    request: AnyRequest, code: str, case_id: int
) -> tuple[Study, Case]:
    """A study with one of its cases, for those who may see what the model writes."""
    study = study_for_console(request, code)
    cases = Case.objects.of_study(study).select_related("image__case")
    return study, get_object_or_404(cases, pk=case_id)


def report_for_console(
    request: AnyRequest, code: str, report_id: int
) -> tuple[Study, Report]:
    """A report of one of a study's arms, for those who may see what sources write."""
    study = study_for_console(request, code)
    reports = Report.objects.filter(
        case__studycase__case_set__study=study,
        source__name__in=study.arm_set.values("source"),
    )
    found = reports.select_related("source", "case__image", "case__collection")
    return study, get_object_or_404(found, pk=report_id)


def image_for_console(request: AnyRequest, code: str, image_id: int) -> Image:
    """A radiograph that a study reads, or that the model was asked about in it."""
    study = study_for_console(request, code)
    read = Case.objects.of_study(study).values("image")
    asked = Conversation.objects.filter(study=study).values("image")
    images = Image.objects.select_related("case")
    return get_object_or_404(images, Q(pk__in=read) | Q(pk__in=asked), pk=image_id)


def conversation_for_console(
    request: AnyRequest, code: str, conversation_id: int
) -> Conversation:
    """A conversation of a study, for those who may see what the model writes."""
    return get_object_or_404(
        Conversation.objects.select_related("study", "case", "image__case"),
        study=study_for_console(request, code),
        pk=conversation_id,
    )


def turn_for_console(request: AnyRequest, code: str, turn_id: int) -> Turn:
    """A question of a study, for those who may see what the model writes."""
    return get_object_or_404(
        Turn.objects.select_related("conversation__study", "asked_by"),
        conversation__study=study_for_console(request, code),
        pk=turn_id,
    )


def run_for_results(request: AnyRequest, code: str, run_id: int) -> AnalysisRun:
    """One of the analyses of a closed study, for those who may see its results."""
    return get_object_or_404(
        AnalysisRun.objects.select_related("study", "requested_by"),
        study=closed_study_for_results(request, code),
        pk=run_id,
    )


def exclusion_for_results(
    request: AnyRequest, code: str, exclusion_id: int
) -> Exclusion:
    """What was left out of a closed study's analysis, for those who analyse it."""
    return get_object_or_404(
        Exclusion.objects.select_related("study", "reader", "case", "slot"),
        study=closed_study_for_results(request, code),
        pk=exclusion_id,
    )


def case_for_results(
    request: AnyRequest, code: str, case_id: int
) -> tuple[Study, Case]:
    """A closed study with one of the cases that it read, and its reports by arm."""
    study = closed_study_for_texts(request, code)
    cases = Case.objects.of_study(study).select_related("image__case")
    return study, get_object_or_404(cases, pk=case_id)
