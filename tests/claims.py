"""``python -m tests.claims SEED ...``: run all chapters with other seeds, say which claims fail.

A claim that holds with one seed only is luck, and another processor, which rounds otherwise, may
not have it. The notebooks for instructors are run, since they hold every claim and every solution.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "_build" / "notebooks" / "instructor"
SECONDS = 600  # of one cell


def main(seeds):
    """Print each cell that fails, and how many; return the exit status."""
    jobs = list(product(seeds, sorted(NOTEBOOKS.glob("*.ipynb"))))
    if not jobs:
        print(f"There is nothing to run. Give seeds, and run make notebooks: {NOTEBOOKS}")
        return 1
    failed = 0
    # A new process for each, because the seed is read when the course is imported.
    with ProcessPoolExecutor(os.cpu_count(), max_tasks_per_child=1) as pool:
        results = pool.map(failing_cells, *zip(*jobs, strict=True))
        for (seed, path), errors in zip(jobs, results, strict=True):
            for number, error in errors:
                print(f"{path.stem}, seed {seed}, code cell {number}: {error}", flush=True)
            failed += len(errors)
    print(f"{len(jobs)} runs with the seeds {', '.join(seeds)}: {failed} cells fail.")
    return int(failed > 0)


def failing_cells(seed, path):
    """Run a notebook to its end with a seed; return the cells that fail, and what they say."""
    os.environ.update(DESCENT_SEED=seed, OMP_NUM_THREADS="1")
    notebook = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as folder:
        NotebookClient(
            notebook,
            timeout=SECONDS,
            allow_errors=True,
            resources={"metadata": {"path": folder}},
            extra_arguments=["--log-level=ERROR"],
        ).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        (number, f"{output.ename}: {output.evalue}")
        for number, cell in enumerate(cells, start=1)
        for output in cell.outputs
        if output.output_type == "error"
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
