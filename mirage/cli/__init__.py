"""The command line. Commands about documents speak HTTP only; the others run a role."""

import sys

import typer

from mirage.cli import documents, evaluate, generations, keys, projects, roles, search
from mirage.cli.output import complain
from mirage.errors import MirageError

app = typer.Typer(
    name="mirage",
    help="Exact, cited passages out of your own documents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(projects.app, name="projects")
app.add_typer(documents.app, name="documents")
app.add_typer(generations.app, name="generations")
app.add_typer(keys.app, name="keys")
app.command("search")(search.search)
app.command("eval")(evaluate.run_evaluation)
roles.register(app)


class SystemRefused(MirageError):
    """Look at the space that is left and at who may read and write there."""

    code = "system-refused"


def main() -> None:
    """Exit code 0: done, 1: an error that was said in a sentence, 2: a wrong command line."""
    try:
        app()
    except MirageError as error:
        complain(error)
        sys.exit(1)
    except OSError as error:
        complain(SystemRefused(f"{error.filename or 'the system'}: {error.strerror or error}"))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
