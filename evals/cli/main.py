"""The command `adaptbench`: mounts every registered command and turns problems into one message and
an exit code.
"""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Annotated

import typer

from evals.cli.shared.defaults import defaults
from evals.cli.shared.grouped import Command, Group
from evals.cli.shared.pipes import outlive_readers
from evals.core.errors import EXIT_CRASH, EXIT_OK, AdaptbenchError, EnvironmentProblem
from evals.core.inert import say
from evals.core.registry import COMMANDS

EXIT_INTERRUPTED = 130


def _version(wanted: bool) -> None:
    if wanted:
        from evals.core.version import version

        say(f"adaptbench {version()}")
        raise typer.Exit


def build_app() -> typer.Typer:
    """The whole command line. Commands come from the entry points ``adaptbench.commands``, ours
    like any other's.
    """
    app = typer.Typer(
        name="adaptbench",
        cls=Group,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def root(
        version: Annotated[
            bool,
            typer.Option(
                "--version", callback=_version, is_eager=True, help="Show the version and exit."
            ),
        ] = False,
    ) -> None:
        """Evidence on how to adapt a language model: prompting, RAG, fine-tuning, or both.

        \b
        Examples:
          adaptbench init my_bot                 a folder with all that one's own evaluation needs
          adaptbench run hybrid                  quick profile of all suites on the default pack
          adaptbench run my_system.toml --pack path/to/pack --profile standard
          adaptbench leaderboard                 what the stored runs say, with intervals
          adaptbench show hybrid --item ITEM     one answer with its passages, timings and scores

        \b
        Exit codes:
          0 done   1 crash   2 wrong usage   3 unusable pack or run   130 interrupted (rerun to resume)
          4 a problem with the machine (network, disk, permissions)   5 the system cannot answer
        """

    for name in COMMANDS.names():
        command = COMMANDS.get(name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name, cls=Command)(command)
    return app


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the documented code, whether or not somebody reads all
    that it prints.
    """
    outlive_readers()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code; every expected problem becomes one message on
    stderr.
    """
    try:
        result = build_app()(arguments, standalone_mode=False, default_map=defaults(Path()))
        return result if isinstance(result, int) else EXIT_OK
    except AdaptbenchError as error:
        return _fail(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _fail(
            "interrupted. Progress is saved; rerun the same command to resume.", EXIT_INTERRUPTED
        )
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG):
            return _unexpected(error)
        where = "" if error.filename is None else f"{error.filename}: "
        return _fail(
            f"{where}cannot be written: {error.strerror}\n  hint:     free some space; the same"
            " command then resumes where it stopped",
            EnvironmentProblem.exit_code,
        )
    except MemoryError:
        return _fail("out of memory; use a smaller batch or profile", EnvironmentProblem.exit_code)
    except Exception as error:  # noqa: BLE001  the last handler: shown with its trace, exit code 1
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if callable(show) and isinstance(code, int):  # the command-line library's own usage errors
        show(sys.stderr)
        return code
    name = type(error).__name__
    say(f"error: unexpected {name}; please report it with the trace below", err=True)
    import traceback

    say(*"".join(traceback.format_exception(error)).split("\n"), err=True)
    return EXIT_CRASH


def _fail(message: str, code: int) -> int:
    say(*f"error: {message}".split("\n"), err=True)
    return code
