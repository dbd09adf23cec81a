"""`accounts`: who may sign in."""

import sys

import click

from ..domain.roles import Role
from ..errors import Invalid
from .console import opened_studio, print_table


@click.group(invoke_without_command=True)
@click.pass_context
def accounts(context: click.Context) -> None:
    """Tài khoản, mỗi tài khoản một dòng; xem thêm các lệnh con."""
    if context.invoked_subcommand:
        return
    from ..services import accounts as service

    with opened_studio() as studio, studio.database.reading() as session:
        print_table(
            ("name", "full_name", "roles", "active"),
            (
                (
                    account.name,
                    account.full_name,
                    ",".join(grant.role + (f":{grant.unit.code}" if grant.unit else "") for grant in account.grants),
                    "yes" if account.active else "no",
                )
                for account in service.list_accounts(session)
            ),
        )


@accounts.command("add")
@click.option("--name", required=True, help="Tên đăng nhập.")
@click.option("--full-name", required=True, help="Họ và tên.")
@click.option("--title", default="", help="Chức vụ.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@click.option("--unit", "unit_code", help="Mã đơn vị của cán bộ đài, như hoa-tri-2025.")
def add(name: str, full_name: str, title: str, roles: tuple[str, ...], unit_code: str | None) -> None:
    """Thêm tài khoản và in liên kết đặt mật khẩu dùng một lần."""
    from sqlalchemy import select

    from ..services import accounts as service
    from ..storage.tables import Unit

    with opened_studio() as studio, studio.database.transaction() as session:
        unit_id = session.scalar(select(Unit.id).where(Unit.code == unit_code)) if unit_code else None
        if unit_code and unit_id is None:
            raise Invalid(f"Không có đơn vị mã “{unit_code}”.")
        grants = [(Role(role), unit_id if role == Role.OPERATOR else None) for role in roles]
        account = service.create_account(
            session, name=name, full_name=full_name, title=title, grants=grants, now=studio.now()
        )
        token = service.invite(session, account.id, now=studio.now())
        address = studio.settings.url or f"http://127.0.0.1:{studio.settings.port}"
    click.echo(f"{address}/setup/{token}")


@accounts.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Khóa một tài khoản; mọi máy đang đăng nhập bị thoát ngay."""
    from ..services import accounts as service

    with opened_studio() as studio, studio.database.transaction() as session:
        account = service.by_name(session, name)
        if account is None:
            click.echo(f"Không có tài khoản “{name}”.", err=True)
            sys.exit(1)
        service.set_active(session, account.id, active=False)
    click.echo(f"Đã khóa tài khoản “{name}”.")


COMMANDS = (accounts,)
