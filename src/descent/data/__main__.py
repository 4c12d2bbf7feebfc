"""``python -m descent.data``: which data a build will use, found out once and before it starts.

Prints ``mnist`` or ``digits`` and nothing else on stdout; what there is to tell goes to stderr.
"""

import sys

from descent.data.errors import DataError
from descent.data.loading import resolve


def main():
    """Print the resolved data set.

    Returns
    -------
    int
        Exit status: 0, or 1 where MNIST was asked for and cannot be had.
    """
    try:
        print(resolve())
    except DataError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
