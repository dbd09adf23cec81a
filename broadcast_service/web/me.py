"""One's own account: where it is signed in, and its password."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..errors import Invalid, TooManyTries
from ..services import accounts, passwords, sign_ins, signing_in
from . import door
from .door import allow, db, studio

bp = Blueprint("me", __name__, url_prefix="/me")


@bp.get("")
@allow.any_signed_in
def show() -> ResponseReturnValue:
    """Machines this account is signed in on, this one marked; the form for a new password."""
    return _page(None)


@bp.post("/sign-ins/end")
@allow.any_signed_in
def end() -> ResponseReturnValue:
    """End the sign-in named in the form, or all but this one."""
    person = door.visitor()
    named = request.form.get("sign_in", "")
    if named:
        sign_ins.close_one(db(), person.account_id, named)
        flash("Đã đăng xuất máy ấy.")
    else:
        sign_ins.close_all(db(), person.account_id, except_hash=door.sign_in_hash())
        flash("Đã đăng xuất mọi máy khác.")
    return redirect(url_for(".show"))


@bp.post("/password")
@allow.any_signed_in
def change_password() -> ResponseReturnValue:
    """A new password, for the price of the old one; other machines are signed out."""
    person, typed = door.visitor(), request.form
    try:
        signing_in.try_password(studio(), person.account_id, typed.get("current", ""))
        with studio().database.reading() as session:
            context = passwords.context_words(session, person.name, person.full_name)
        passwords.require_strong(typed.get("password", ""), typed.get("again", ""), context)
    except (Invalid, TooManyTries) as mistake:
        return _page(mistake), mistake.http_status
    password_hash = passwords.hash_password(typed["password"])
    accounts.set_password(db(), person.account_id, password_hash, keep_sign_in=door.sign_in_hash())
    flash("Đã đổi mật khẩu. Các máy khác đã được đăng xuất.")
    return redirect(url_for(".show"))


def _page(mistake: Invalid | TooManyTries | None) -> str:
    with studio().database.reading() as session:
        found = sign_ins.of_account(session, door.visitor().account_id, studio().now())
    return render_template("accounts/me.html", sign_ins=found, this_one=door.sign_in_hash(), mistake=mistake)
