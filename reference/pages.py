"""The pages, and the place of the generated part in each."""

from pathlib import Path

from reference import commands, errors, routes, settings

DOCS = Path(__file__).parent.parent / "docs"
BEGIN = "<!-- reference: made by `python -m reference write` -->"
END = "<!-- /reference -->"

PAGES = {
    DOCS / "settings.md": settings.render,
    DOCS / "api.md": routes.render,
    DOCS / "cli.md": commands.render,
    DOCS / "errors.md": errors.render,
}


def rendered() -> dict[Path, str]:
    """Return path and whole text of every page."""
    return {path: _around(path)[0] + make() + _around(path)[1] for path, make in PAGES.items()}


def by_hand(page: Path) -> str:
    """Return the part of a page that is written by hand."""
    text = page.read_text()
    return "".join(_around(page)) if BEGIN in text else text


def _around(page: Path) -> tuple[str, str]:
    before, _, rest = page.read_text().partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{page} has no lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n", f"\n{END}{after}"
