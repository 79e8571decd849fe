"""Every table is either covered by the record or left out for a reason."""

import pytest
from django.apps import apps

from readerstudy.audit.covered import COVERED

# Why the record has no digest of the rows of a table.
NOT_COVERED = {
    "account.EmailAddress": "django-allauth's; a person's own.",
    "account.EmailConfirmation": "django-allauth's; none is ever asked for.",
    "accounts.ApiToken": "A key to the site; making and revoking it leave events.",
    "accounts.User": "A person may be renamed or erased; events name a number.",
    "accounts.User_groups": "Django's own; the site asks no group.",
    "accounts.User_user_permissions": "Django's own; the site asks no permission.",
    "analysis.AnalysisJob": "Work; what came of it is covered.",
    "analysis.FindingsJob": "Work; what came of it is covered.",
    "analysis.FindingsRun_predicted": "The run's inputs name the label sets.",
    "analysis.MetricAgreement": "Work whose event holds the digest of its inputs.",
    "audit.Event": "The chain itself.",
    "audit.Stream": "The end of a chain, verified with it.",
    "auth.Group": "Django's own; the site asks no group.",
    "auth.Group_permissions": "Django's own; the site asks no group.",
    "auth.Permission": "Django's own, made by migrate.",
    "axes.AccessAttempt": "Wrong passwords of the last minutes; each leaves an event.",
    "axes.AccessAttemptExpiration": "Until when no more of them are taken.",
    "axes.AccessFailureLog": "Empty: each failure is an event.",
    "axes.AccessLog": "Empty: each sign-in is an event.",
    "cases.BulkChange": "How cases were arranged before a study drew them.",
    "cases.Case": "What is read of it is in the protocol: code, stratum, frames.",
    "cases.Collection": "A name for cases.",
    "cases.DeliveredFile": "What an upload brought; the cases are what counts.",
    "cases.Delivery": "Work; its events tell of it.",
    "cases.HeaderRecord": "What was removed from a header; never altered.",
    "cases.Image": "The protocol holds the hash of every frame that is read.",
    "cases.LookedAt": "What a sign-off covers by its digest.",
    "cases.SetAside": "How cases were arranged before a study drew them.",
    "cases.TextRegion": "What a sign-off covers by its digest.",
    "cases.TextScan": "Work on the way to a sign-off.",
    "cases.ToldApart": "How cases were arranged before a study drew them.",
    "contenttypes.ContentType": "Django's own, made by migrate.",
    "export.Arrival": "Work; the study that came of it is covered.",
    "export.BundleOrder": "Work; the bundle that came of it is covered.",
    "grading.CalendarFeed": "A key to a calendar; making and revoking it are events.",
    "grading.Draft": "No grade: gone once there is one.",
    "grading.Reminder": "A letter; its event tells of it.",
    "grading.Visit": "Grows until the grade is there, which holds its times.",
    "mfa.Authenticator": "A key to the site; adding and removing it leave events.",
    "reports.CaseLabels": "Labels beside the study; never altered.",
    "reports.Conversation": "Questions beside the study; never altered.",
    "reports.EndpointAnswer": "What an answer cost; never altered.",
    "reports.Job": "Work; the report that came of it is covered.",
    "reports.LabelSet": "Labels beside the study; never altered.",
    "reports.LabelStoring": "Work; what came of it is never altered.",
    "reports.LabelUpload": "A file on its way in.",
    "reports.Labelling": "Work; what came of it is never altered.",
    "reports.MeasuredCase": "Metrics beside the study; never altered.",
    "reports.MetricTable": "Metrics beside the study; never altered.",
    "reports.SelfTest": "Work; the result that came of it is covered.",
    "reports.SendingConsent": "Its event holds the statement; never altered.",
    "reports.Source": "Reports name it, with the fingerprint of their making.",
    "reports.TableImport": "Work; the reports that came of it are covered.",
    "reports.TextReview": "What a sign-off covers by its digest.",
    "reports.Turn": "Questions beside the study; an answer is never altered.",
    "sessions.Session": "Who is signed in now.",
    "socialaccount.SocialAccount": "A key to the site; linking it leaves an event.",
    "socialaccount.SocialApp": "Empty: hospitals stand in the settings.",
    "socialaccount.SocialToken": "Empty: no token of a hospital is kept.",
    "studies.Invitation": "Personal; its making and its use leave events.",
    "studies.Webhook": "Who is told; its making and its end leave events.",
    "studies.WebhookDelivery": "Work; what it tells of is an event already.",
    "usersessions.UserSession": "A session, which ends.",
    "work.WorkerPulse": "A sign of life.",
}
MODELS = {
    model._meta.label: model for model in apps.get_models(include_auto_created=True)
}


def test_every_table_is_covered_or_left_out_for_a_reason():
    assert not COVERED.keys() & NOT_COVERED.keys()
    assert COVERED.keys() | NOT_COVERED.keys() == MODELS.keys()


@pytest.mark.parametrize("label", COVERED)
def test_every_column_of_a_covered_table_counts_or_is_left_out_for_a_reason(label):
    declared, model = COVERED[label], MODELS[label]
    first = {lookup.partition("__")[0] for lookup in declared.lookups}
    for column in model._meta.concrete_fields:
        counts = {column.name, column.attname} & first
        left_out = column.primary_key or column.name in declared.apart
        assert bool(counts) != left_out, column.name


@pytest.mark.parametrize("label", COVERED)
@pytest.mark.django_db
def test_the_database_knows_every_lookup(label):
    rows = MODELS[label]._default_manager.filter(**COVERED[label].while_)
    assert list(rows.values_list(*COVERED[label].lookups)) == []
