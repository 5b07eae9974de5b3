"""The command line. Commands about documents use only the HTTP API; the others run a role."""

import io
import sys

import typer

from mirage.cli import (
    backup,
    documents,
    evaluate,
    files,
    generations,
    keys,
    mcp,
    projects,
    roles,
    search,
)
from mirage.cli.output import end_of_pipe, print_error, printable
from mirage.errors import InvalidInput, MirageError

_SHOWN = 20  # Characters to show on each side of the invalid text.

app = typer.Typer(
    name="mirage",
    help="Find exact, cited passages in your own documents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(projects.app, name="projects")
app.add_typer(documents.app, name="documents")
app.add_typer(backup.app, name="backup")
app.add_typer(files.app, name="files")
app.add_typer(generations.app, name="generations")
app.add_typer(keys.app, name="keys")
app.command("search")(search.search)
app.command("eval")(evaluate.run_evaluation)
app.command("mcp")(mcp.mcp)
roles.register(app)


class NotText(InvalidInput):
    """Enter it in UTF-8; the message shows bytes that are not UTF-8 as escapes."""

    code = "not-text"


class SystemRefused(MirageError):
    """Check the free space and the permissions there."""

    code = "system-refused"


def main() -> None:
    """Run the command line. Exit code 0: done, 1: error with a message, 2: wrong usage.

    Ctrl-C exits with 130 and a closed pipe with 141.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Characters that the terminal's encoding lacks are shown as escapes.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except MirageError as error:
        print_error(error)
        sys.exit(1)
    except UnicodeEncodeError as error:
        around = error.object[max(error.start - _SHOWN, 0) : error.end + _SHOWN]
        print_error(NotText(f"'{printable(around)}' is not valid text"))
        sys.exit(1)
    except BrokenPipeError:
        end_of_pipe()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # Typer itself would exit with 1.
            end_of_pipe()
        raise
    except OSError as error:
        print_error(SystemRefused(f"{error.filename or 'the system'}: {error.strerror or error}"))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
