"""`scripts/docs` writes the generated documents; `scripts/docs --check` tells what is wrong."""

import argparse
import sys
from pathlib import Path

from scripts.documentation import documents

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write the documents below `root`, or check them; return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/docs", description=documents.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    check = parser.parse_args(arguments).check
    sources = documents.read(root)
    made = documents.made_from(sources)
    if not check:
        for name in documents.write(root, made):
            print(f"written: {name}")
    stale = documents.stale(root, made)
    missing = documents.problems(sources)
    for line in [*stale, *missing]:
        print(line, file=sys.stderr)
    return 1 if check and (stale or missing) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
