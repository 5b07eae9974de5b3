"""A bar for the download of the local model's weights."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from mirage.cli.output import talk


@contextmanager
def download_progress() -> Iterator[Callable[[int, int, str], None]]:
    """Gives a function that takes bytes done, bytes in all, and what it is."""
    tasks: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=talk, disable=not talk.is_terminal) as progress:

        def show(done: int, total: int, what: str) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
                if progress.disable:
                    talk.print(f"{what} ({total / 1e6:.0f} MB)", markup=False)
            progress.update(tasks[what], completed=done, total=total)

        yield show
