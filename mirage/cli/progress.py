"""Shows the progress of downloading the local model's weights."""

from collections.abc import Callable

from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from mirage.cli.output import stderr_console


def download_bar() -> Callable[[int, int, str], None]:
    """Return a function that takes bytes done, total bytes and a title, and shows a bar."""
    tasks: dict[str, TaskID] = {}
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=stderr_console,
        disable=not stderr_console.is_terminal,
    )

    def show(done: int, total: int, what: str) -> None:
        if what not in tasks:
            for finished in bar.task_ids:
                bar.remove_task(finished)
            tasks[what] = bar.add_task(what, total=total)
            if bar.disable:
                stderr_console.print(f"{what} ({total / 1e6:.0f} MB)")
            bar.start()
        bar.update(tasks[what], completed=done, total=total)
        if bar.finished:
            bar.stop()  # Otherwise it would overwrite later output.

    return show
