"""The one-time link: the first administrator makes an account, an invited person sets a password."""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ..errors import Invalid
from ..services import accounts, passwords, sign_ins
from .door import db, open_to_all, studio
from .sign_in import seat

bp = Blueprint("setup", __name__)


@bp.get("/setup/<token>")
@open_to_all
def form(token: str) -> ResponseReturnValue:
    """Name and password, or only the password. Raises LinkSpent."""
    invited = accounts.read_link(db(), token, now=studio().now())
    return render_template("setup/form.html", account=invited.account, typed={}, mistake=None)


@bp.post("/setup/<token>")
@open_to_all
def use(token: str) -> ResponseReturnValue:
    """Use the link and sign in at once. Raises LinkSpent."""
    typed = request.form
    now, database = studio().now(), studio().database
    with database.reading() as session:
        account = accounts.read_link(session, token, now=now).account
        context = passwords.context_words(session, account.name if account else typed.get("name", ""))
    try:
        passwords.require_strong(typed.get("password", ""), typed.get("again", ""), context)
        password_hash = passwords.hash_password(typed["password"])
        with database.transaction() as session:
            if account is None:
                account = accounts.found_administrator(
                    session,
                    token,
                    name=typed.get("name", ""),
                    full_name=typed.get("full_name", ""),
                    password_hash=password_hash,
                    now=now,
                )
            else:
                accounts.accept_link(session, token, password_hash=password_hash, now=now)
            seat_token = sign_ins.open(
                session, account.id, remembered=False, browser=request.user_agent.string, now=now
            )
    except Invalid as mistake:
        return render_template("setup/form.html", account=account, typed=typed, mistake=mistake), 422
    answer = seat(redirect("/"), seat_token, remembered=False)
    flash(f"Xin chào {account.full_name}. Từ lần sau, đăng nhập bằng tên “{account.name}”.")
    return answer
