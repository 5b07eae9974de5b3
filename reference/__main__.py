"""Runs `python -m reference write | check`."""

import argparse
import sys

from reference.pages import rendered
from schema import drift


def main() -> int:
    """Run one verb. Return 0 on success, 1 if a page is stale."""
    parser = argparse.ArgumentParser(prog="python -m reference", description=__doc__)
    parser.add_argument("verb", choices=["write", "check"])
    if parser.parse_args().verb == "write":
        drift.write(rendered())
    elif drift.differ(rendered(), "code"):
        sys.stderr.write("ERROR: pages are stale: run `python -m reference write`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
