"""Draws the picture in the README: one question of the demo and its best passage, as a terminal.

Reads the output of `demo/run.py` on stdin and writes docs/images/search.svg (`make picture`).
"""

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "search.svg"
QUESTION = "bees do to stay warm"
COLUMNS = 102  # The commands wrap passages at 100.
# Rich embeds fonts of other hosts; a README must not load them.
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_FONTS = "ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace"


def main() -> None:
    """Exit with a message if the output does not contain the question."""
    lines = shown(sys.stdin.read())
    if not lines:
        sys.exit(f"the demo's output does not contain the question {QUESTION!r}")
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw(lines))


def shown(output: str) -> list[str]:
    """Return the command with the question and its first passage."""
    blocks = output.split("\n\n")
    for block in blocks:
        if block.startswith("$ mirage search") and QUESTION in block:
            return block.splitlines()
    return []


def draw(lines: list[str]) -> str:
    """Return the lines as an SVG, with the colours of the terminal."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    for line in lines:
        style = "bold" if re.match(r"\d+\. ", line) else ""
        text = Text(line, style)
        console.print(text, soft_wrap=True)
    svg = console.export_svg(title="miRAGe", unique_id="mirage")
    svg = _FONT_FACE.sub("", svg).replace("Fira Code, monospace", _FONTS)
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


if __name__ == "__main__":
    main()
