"""Finds the files that `mirage documents add` uploads: files, folders and quoted patterns."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import typer

from mirage.cli.aside import first_aside, is_aside, is_never_a_document
from mirage.cli.output import printable
from mirage.cli.skipped import Skipped
from mirage.names import document_name_from_form
from mirage.parse.formats import type_of

Named = tuple[Path, str]
"""A file, and the name of its document."""

_MAGIC = frozenset("*?[")
_ANY_DEPTH = "**"


def find_files(paths: list[Path], skipped: Skipped) -> list[Named]:
    """Return each file once, in the given order, with a unique document name.

    In a folder, and for a pattern with `**`, names keep their subfolders and only supported formats
    count. Links to folders are not followed, to avoid loops. Adds to `skipped` folders that cannot
    be read, files of other formats, and hidden and system files and folders, unless they are named.
    Raises BadParameter for a missing path, a pattern without a match, and two files
    with the same document name.
    """
    found: list[Named] = []
    for path in paths:
        if os.path.lexists(path):
            found += _at(path, skipped)
        elif _MAGIC & set(str(path)):
            matched = list(_matches(path, skipped))
            if not matched:
                raise typer.BadParameter(f"no supported file matches '{printable(str(path))}'.")
            found += matched
        else:
            raise typer.BadParameter(f"'{printable(str(path))}' does not exist.")
    by_place: dict[str, Named] = {}
    for file, name in found:
        by_place.setdefault(os.path.realpath(file), (file, name))
    _require_own_names(by_place.values())
    return list(by_place.values())


def _require_own_names(files: Iterable[Named]) -> None:
    by_name: dict[str, Path] = {}
    for file, name in files:
        first = by_name.setdefault(document_name_from_form(name), file)
        if first is not file:
            raise typer.BadParameter(
                f"'{printable(str(first))}' and '{printable(str(file))}' would both get the name"
                f" '{printable(name)}', and one would replace the other. Add a folder that contains"
                " both, so that their names differ, or add them to two projects."
            )


def _at(path: Path, skipped: Skipped) -> Iterator[Named]:
    if not os.path.isdir(path):  # noqa: PTH112 (Path.is_dir raises without permission)
        if is_never_a_document(path):
            skipped.aside.append(path)
        else:
            yield path, path.name
        return
    for folder, folders, names in os.walk(path, onerror=skipped.unreadable.append):
        for name in filter(is_aside, folders):
            skipped.aside.append(Path(folder, name))
        folders[:] = sorted(name for name in folders if not is_aside(name))
        for file in (Path(folder, name) for name in sorted(names)):
            if not _is_document(file):
                _count(file, skipped)
            elif is_aside(file.name):
                skipped.aside.append(file)
            else:
                yield file, _name_below(path, file)


def _matches(pattern: Path, skipped: Skipped) -> Iterator[Named]:
    parts = pattern.parts
    first = next(index for index, part in enumerate(parts) if _MAGIC & set(part))
    base, rest = Path(*parts[:first]), list(parts[first:])
    deep = _ANY_DEPTH in rest
    if rest[-1] == _ANY_DEPTH:
        rest.append("*")  # Depending on the Python version, `**` alone matches only folders.
    try:
        matches = sorted(base.glob("/".join(rest)))
    except ValueError as error:
        raise typer.BadParameter(
            f"'{printable(str(pattern))}' is not a valid pattern: {error}"
        ) from error
    for match in matches:
        is_folder = os.path.isdir(match)  # noqa: PTH112 (as above)
        if not (is_folder or _is_document(match)):
            _count(match, skipped)
            continue
        if aside := first_aside(base, match, rest):
            skipped.aside.append(aside)
        elif not deep:
            yield from _at(match, skipped)
        elif not is_folder:
            yield match, _name_below(base, match)


def _is_document(file: Path) -> bool:
    # Not Path.is_file, which raises if a folder may be listed but not entered.
    return type_of(file.name) is not None and os.path.isfile(file)  # noqa: PTH113


def _count(file: Path, skipped: Skipped) -> None:
    """Count a file of an unknown format; links that lead nowhere are not counted."""
    if not is_aside(file.name) and type_of(file.name) is None:
        skipped.add_unsupported(file)


def _name_below(folder: Path, file: Path) -> str:
    return (folder.resolve().name / file.relative_to(folder)).as_posix()
