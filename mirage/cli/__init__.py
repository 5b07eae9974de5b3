"""The command line. Commands about documents speak HTTP only; the others run a role."""

import io
import sys

import typer

from mirage.cli import documents, evaluate, files, generations, keys, projects, roles, search
from mirage.cli.output import end_of_pipe, print_error, printable
from mirage.errors import InvalidInput, MirageError

_SHOWN = 20  # Characters on either side of what is wrong.

app = typer.Typer(
    name="mirage",
    help="Exact, cited passages out of your own documents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(projects.app, name="projects")
app.add_typer(documents.app, name="documents")
app.add_typer(files.app, name="files")
app.add_typer(generations.app, name="generations")
app.add_typer(keys.app, name="keys")
app.command("search")(search.search)
app.command("eval")(evaluate.run_evaluation)
roles.register(app)


class NotText(InvalidInput):
    """Write it in UTF-8; the bytes that are shown as escapes are none."""

    code = "not-text"


class SystemRefused(MirageError):
    """Look at the space that is left and at who may read and write there."""

    code = "system-refused"


def main() -> None:
    """Exit code 0: done, 1: an error that was said in a sentence, 2: a wrong command line.

    Ctrl-C gives 130, and a reader that went away 141, both without a word.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A character that the terminal does not know is shown as an escape.
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
        if isinstance(end.__context__, BrokenPipeError):  # Typer's own answer to it is a 1.
            end_of_pipe()
        raise
    except OSError as error:
        print_error(SystemRefused(f"{error.filename or 'the system'}: {error.strerror or error}"))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
