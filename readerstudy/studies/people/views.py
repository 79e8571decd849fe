"""People of a study: members, invitations, the page behind a link, withdrawals."""

from functools import partial

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from readerstudy import access
from readerstudy.accounts.models import User
from readerstudy.pages import (
    address_to_send,
    carried_out,
    parsed,
    refusals_shown,
    study_page,
)
from readerstudy.studies import services
from readerstudy.studies.account.adapters import begin_new
from readerstudy.studies.account.hospital import INVITATION
from readerstudy.studies.forms import MemberForm
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.people import inviting
from readerstudy.studies.people.forms import (
    AcceptForm,
    InvitationForm,
    WithdrawalForm,
)
from readerstudy.studies.people.models import Invitation
from readerstudy.studies.people.withdrawing import withdraw as record_withdrawal


@never_cache
@require_http_methods(["GET", "POST"])
def invitations(request: HttpRequest, code: str) -> HttpResponse:
    """Who was invited, and the form; a new link is shown by this answer alone."""
    study = access.study_for_coordinator(request, code)
    form = InvitationForm(request.POST or None)
    made: Invitation | None = None
    if request.method == "POST":
        made = carried_out(
            request,
            form,
            lambda **typed: inviting.invite(
                study=study, actor=access.person(request), **typed
            ),
            "The invitation is made.",
        )
    if made:
        return _shown_once(request, made)
    return people_page(request, study, form=form)


def people_page(
    request: HttpRequest, study: Study, **refused: BaseForm
) -> HttpResponse:
    """Members and invitations; a refused form is shown as it was filled in."""
    forms: dict[str, BaseForm] = {
        "form": InvitationForm(),
        "member_form": MemberForm(auto_id="member_%s"),
    }
    return study_page(
        request,
        "studies/people/invitations.html",
        study=study,
        tab="setup",
        members=study.membership_set.in_order(),
        invitations=study.invitation_set.select_related("used_by"),
        **(forms | refused),
    )


@require_POST
def add_member(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    form = MemberForm(request.POST, auto_id="member_%s")
    verb = partial(services.add_member, study=study, actor=access.person(request))
    if carried_out(request, form, verb, "Added to the study."):
        return redirect("people:invitations", code)
    return people_page(request, study, member_form=form)


@require_POST
def remove_member(request: HttpRequest, code: str, membership_id: int) -> HttpResponse:
    membership = access.member_for_coordinator(request, code, membership_id)
    with refusals_shown(request, f"{membership.user} removed from the study."):
        services.remove_member(
            study=membership.study,
            actor=access.person(request),
            membership=membership,
        )
    return redirect("people:invitations", code)


def _shown_once(request: HttpRequest, made: Invitation) -> HttpResponse:
    """The link to print or hand over; where there is an address it was sent as well."""
    link = address_to_send(request, reverse("people:accept", args=[made.key]))
    if made.email:
        made = inviting.send(made, link)
    return study_page(
        request,
        "studies/people/invitation.html",
        study=made.study,
        tab="setup",
        invitation=made,
        role_word=inviting.ROLES[made.role],
        link=link,
    )


@require_POST
def take_back(request: HttpRequest, code: str, invitation_id: int) -> HttpResponse:
    invitation = access.invitation_for_coordinator(request, code, invitation_id)
    with refusals_shown(request, "The link opens nothing any more."):
        inviting.revoke(invitation=invitation, actor=access.person(request))
    return redirect("people:invitations", code)


@login_not_required
@sensitive_post_parameters("password", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, key: str) -> HttpResponse:
    """Join by a link: with a new account, or with the one that is signed in.

    Whatever opens nothing is answered alike: nobody learns whether a link ever did.
    """
    invitation = inviting.found(key)
    if invitation is None:
        return render(request, "studies/people/no_invitation.html", status=404)
    user = request.user if isinstance(request.user, User) else None
    form = AcceptForm(request.POST or None if user is None else None)
    if user is None and settings.OIDC_SERVERS:
        # A hospital account makes an account here only on the way from this link.
        request.session[INVITATION] = invitation.pk
    if request.method == "POST":
        joined = _joined(request, key, user, form)
        if joined:
            return redirect("home")
        inviting.note_refusal(key=key)
    context = {
        "invitation": invitation,
        "role_word": inviting.ROLES[invitation.role],
        "form": form,
        "against": inviting.reason_against(invitation.study, invitation.role),
    }
    return render(request, "studies/people/accept.html", context)


def _joined(
    request: HttpRequest, key: str, user: User | None, form: AcceptForm
) -> Membership | None:
    welcome = _("Welcome. The study stands below.")
    if user is None:
        joined = carried_out(
            request,
            form,
            lambda **typed: inviting.accept_as_new(key=key, **typed),
            welcome,
        )
        if joined:
            begin_new(request, joined.user)
        return joined
    with refusals_shown(request, welcome):
        return inviting.accept(key=key, user=user)
    return None


@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Record that a reader has left the study."""
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "The withdrawal is recorded."):
        answers = parsed(WithdrawalForm(request.POST, study=study))
        record_withdrawal(
            study=study,
            actor=access.person(request),
            reader=answers["reader"],
            reason=answers["reason"],
            rule=answers["rule"],
        )
    return redirect("grading:progress", code)
