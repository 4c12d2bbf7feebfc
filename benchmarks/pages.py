"""How fast pages are on a phone: ``python -m benchmarks.pages [--times N] [PAGE...]``.

Lighthouse measures each page of the built site several times; the table shows the medians.
The marks depend on the machine, so no test asserts them: leave it alone meanwhile.
"""

import argparse
import statistics
from pathlib import Path

from benchmarks.lighthouse import marks, served

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"
VALUES = {
    "first-contentful-paint": "first paint, ms",
    "largest-contentful-paint": "largest paint, ms",
    "total-blocking-time": "blocked, ms",
    "cumulative-layout-shift": "shift",
}


def main():
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=main.__doc__)
    parser.add_argument("--times", type=int, default=3, help="of which to take the medians")
    parser.add_argument("pages", nargs="*", help="such as book/momentum.html; else all")
    given = parser.parse_args()
    there_are = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html"))
    unknown = ", ".join(sorted(set(given.pages) - set(there_are)))
    if unknown:
        parser.error(f"_build/html has no page {unknown}. It has {', '.join(there_are)}")
    pages = given.pages or there_are
    print(f"| page | performance | {' | '.join(VALUES.values())} |")
    print(f"| --- | {' | '.join(['---'] * (len(VALUES) + 1))} |")
    with served(SITE) as address:
        for page in pages:
            results = marks([f"{address}/{page}"] * given.times, ["performance"])
            print(f"| {page} | {' | '.join(_medians(results))} |", flush=True)


def _medians(results):
    rows = [[r["marks"]["performance"], *(r["values"][name] for name in VALUES)] for r in results]
    return [f"{statistics.median(column):.3g}" for column in zip(*rows, strict=True)]


if __name__ == "__main__":
    main()
