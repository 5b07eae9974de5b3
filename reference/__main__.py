"""`python -m reference write | check`."""

import argparse
import difflib
import sys

from reference.pages import rendered


def main() -> int:
    """Run one verb; 0 when all is well, 1 when a page is stale."""
    parser = argparse.ArgumentParser(prog="python -m reference", description=__doc__)
    parser.add_argument("verb", choices=["write", "check"])
    write = parser.parse_args().verb == "write"
    stale = False
    for path, text in rendered().items():
        if write:
            path.write_text(text)
        elif (actual := path.read_text()) != text:
            stale = True
            diff = difflib.unified_diff(
                actual.splitlines(), text.splitlines(), str(path), "code", lineterm="", n=1
            )
            sys.stdout.write("\n".join(list(diff)[:20]) + "\n")
    if stale:
        sys.stderr.write("ERROR: pages are stale: run `python -m reference write`\n")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
