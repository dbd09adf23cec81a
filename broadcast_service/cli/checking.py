"""`check`: is this installation sound?"""

import sys

import click

from .console import opened_studio


@click.command()
@click.option("--quick", is_flag=True, help="Không băm lại từng tệp âm thanh.")
def check(quick: bool) -> None:
    """Soát toàn bộ cài đặt; mã thoát 0 nếu mọi thứ nguyên vẹn, 1 nếu có chỗ hỏng."""
    from ..services import soundness

    with opened_studio() as studio:
        findings = soundness.check(studio, hash_blobs=not quick)
    for finding in findings:
        click.echo(f"{finding.verdict}\t{finding.what}\t{finding.detail}")
    if any(finding.verdict == "hỏng" for finding in findings):
        sys.exit(1)


COMMANDS = (check,)
