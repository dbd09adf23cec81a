"""Who may sign in: the administrator's list."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from ..domain.roles import Role
from ..errors import Invalid
from ..services import accounts, sign_ins, stations
from ..storage.tables import Account, Unit
from .door import allow, db, studio

bp = Blueprint("accounts", __name__, url_prefix="/accounts")


@bp.get("")
@allow(Role.ADMIN)
def index() -> ResponseReturnValue:
    """Every account with its roles."""
    return render_template("accounts/index.html", accounts=accounts.list_accounts(db()))


@bp.get("/new")
@allow(Role.ADMIN)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _form(None, MultiDict(), None)


@bp.post("")
@allow(Role.ADMIN)
def create() -> ResponseReturnValue:
    """Add an account and show its one-time link, this once."""
    typed = request.form
    try:
        account = accounts.create_account(
            db(),
            name=typed.get("name", ""),
            full_name=typed.get("full_name", ""),
            title=typed.get("title", ""),
            grants=_grants(typed),
            now=studio().now(),
        )
    except Invalid as mistake:
        return _form(None, typed, mistake), 422
    return _show_link(account)


@bp.get("/<int:account_id>")
@allow(Role.ADMIN)
def edit(account_id: int) -> ResponseReturnValue:
    """The form of an account, and where it is signed in."""
    account = accounts.get_account(db(), account_id)
    typed = MultiDict([("full_name", account.full_name), ("title", account.title)])
    for grant in account.grants:
        typed.add("roles", grant.role)
        if grant.unit_id is not None:
            typed.add("unit", str(grant.unit_id))
    return _form(account, typed, None)


@bp.post("/<int:account_id>")
@allow(Role.ADMIN)
def save(account_id: int) -> ResponseReturnValue:
    """Change names and roles."""
    typed = request.form
    account = accounts.get_account(db(), account_id)
    try:
        accounts.change_account(
            db(),
            account_id,
            full_name=typed.get("full_name", ""),
            title=typed.get("title", ""),
            grants=_grants(typed),
        )
    except Invalid as mistake:
        return _form(account, typed, mistake), 422
    flash(f"Đã lưu tài khoản {account.name}.")
    return redirect(url_for(".index"))


@bp.post("/<int:account_id>/active")
@allow(Role.ADMIN)
def set_active(account_id: int) -> ResponseReturnValue:
    """Lock an account or unlock it, as the form says."""
    active = request.form.get("active") == "yes"
    account = accounts.set_active(db(), account_id, active=active)
    flash(
        f"Đã mở khóa tài khoản {account.name}."
        if active
        else f"Đã khóa tài khoản {account.name}, mọi máy của tài khoản này đã được đăng xuất."
    )
    return redirect(url_for(".edit", account_id=account_id))


@bp.post("/<int:account_id>/link")
@allow(Role.ADMIN)
def send_link(account_id: int) -> ResponseReturnValue:
    """A new one-time link for setting the password, shown this once."""
    return _show_link(accounts.get_account(db(), account_id))


@bp.post("/<int:account_id>/sign-ins/end")
@allow(Role.ADMIN)
def end_sign_ins(account_id: int) -> ResponseReturnValue:
    """End one sign-in of an account, or all."""
    account = accounts.get_account(db(), account_id)
    named = request.form.get("sign_in", "")
    if named:
        sign_ins.close_one(db(), account_id, named)
    else:
        sign_ins.close_all(db(), account_id)
    flash(f"Đã đăng xuất {'máy ấy' if named else 'mọi máy'} của tài khoản {account.name}.")
    return redirect(url_for(".edit", account_id=account_id))


def _show_link(account: Account) -> str:
    token = accounts.invite(db(), account.id, now=studio().now())
    base = studio().settings.url or request.host_url.rstrip("/")  # the host was checked to be ours
    return render_template("accounts/link.html", account=account, link=base + url_for("setup.form", token=token))


def _form(account: Account | None, typed: MultiDict[str, str], mistake: Invalid | None) -> str:
    return render_template(
        "accounts/form.html",
        account=account,
        typed=typed,
        mistake=mistake,
        units=_units_to_serve(account),
        sign_ins=sign_ins.of_account(db(), account.id, studio().now()) if account else [],
    )


def _units_to_serve(account: Account | None) -> list[Unit]:
    """Units with a working station, and those the account has been given already."""
    places = {station.unit_id: station.unit for station in stations.list_stations(db()) if station.active}
    held = {grant.unit.id: grant.unit for grant in account.grants if grant.unit} if account else {}
    return list({**places, **held}.values())


def _grants(typed: MultiDict[str, str]) -> list[tuple[Role, int | None]]:
    """Roles ticked and units chosen; an operator may serve several units."""
    roles = {Role(role) for role in typed.getlist("roles") if role in set(Role)}
    chosen = [int(unit) for unit in typed.getlist("unit") if unit.isdecimal()]
    grants: list[tuple[Role, int | None]] = [(role, None) for role in roles - {Role.OPERATOR}]
    if Role.OPERATOR in roles:
        grants += [(Role.OPERATOR, unit_id) for unit_id in chosen] or [(Role.OPERATOR, None)]
    return grants
