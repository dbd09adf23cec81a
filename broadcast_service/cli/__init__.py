"""Commands for whoever runs the service. Heavy rooms are imported by the command that needs them."""

import logging
import sys
from typing import Any

import click

from .. import __version__
from ..errors import BroadcastError, EngineError
from . import checking, content, lexicon, people, places, planning, running, voices


class Group(click.Group):
    """A group whose errors are one plain sentence and exit code 1, never a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn errors made on purpose into their sentence."""
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="surrogateescape" if stream is sys.stdin else "replace")
        try:
            return super().main(*args, **kwargs)
        except EngineError as error:
            logging.getLogger(__name__).debug("engine error", exc_info=True)
            _complain(error.sentence)
        except BroadcastError as error:
            _complain(str(error))
        except BrokenPipeError:
            sys.exit(0)
        except (OSError, UnicodeError) as error:
            _complain(f"Không đọc hoặc không ghi được: {error}")


def _complain(sentence: str) -> None:
    click.echo(sentence, err=True)
    sys.exit(1)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(version)s")
@click.option("--verbose", is_flag=True, help="Ghi nhật ký chi tiết.")
def main(verbose: bool) -> None:
    """Truyền thanh cơ sở: từ kịch bản đã duyệt đến chiếc USB của đài xã, phường."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )


for module in (running, content, lexicon, voices, planning, places, people, checking):
    for command in module.COMMANDS:
        main.add_command(command)
