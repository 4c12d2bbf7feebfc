"""How long the book takes to build, and its memory: ``python -m benchmarks.build [--times N]``.

It runs ``make book`` in a clean copy of this checkout, with the environment that is ready here:
with nothing built yet, again, and after a sentence was added to a chapter. MNIST is measured too
where ``DESCENT_DATA_DIR`` is set.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = "book/momentum.md"
MOMENTS = ("nothing built yet", "nothing changed", "a sentence added")
INTERVAL = 1.0  # seconds between two looks at the memory, which cost time themselves


def main():
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.build", description=main.__doc__)
    parser.add_argument("--times", type=int, default=1, help="of which to take the median")
    times = parser.parse_args().times
    if not Path(sys.prefix, "book-ready").exists():
        sys.exit("The environment is not ready. Run: make book")
    print(f"{os.cpu_count()} processors, Python {platform.python_version()}, median of {times}\n")
    print("| data | before the build | seconds | peak memory, GB |\n| --- | --- | --- | --- |")
    for dataset in ("digits", "mnist") if os.environ.get("DESCENT_DATA_DIR") else ("digits",):
        rounds = [measure(dataset) for _ in range(times)]
        for moment, results in zip(MOMENTS, zip(*rounds, strict=True), strict=True):
            seconds, peaks = map(statistics.median, zip(*results, strict=True))
            print(f"| {dataset} | {moment} | {seconds:.1f} | {peaks / 1e9:.2f} |", flush=True)


def measure(dataset):
    """Return seconds and peak memory in bytes of a first, a second, and a third build."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = copy_of_checkout(Path(scratch, "book"))
        results = [build(folder, dataset), build(folder, dataset)]
        with (folder / CHAPTER).open("a", encoding="utf-8") as chapter:
            chapter.write("\nThis sentence is new.\n")
        return [*results, build(folder, dataset)]


def copy_of_checkout(folder):
    """Copy the files that git knows, with their times, by which make sees what is ready."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def build(folder, dataset):
    """Run ``make book`` in a folder; return how many seconds it took, and its peak memory."""
    log = folder.with_name("log")
    variables = os.environ | {"PYTHONPATH": str(folder / "src"), "DESCENT_DATASET": dataset}
    # Old, whatever its age: else this environment would be installed anew, for the copy.
    command = ["make", "book", f"VENV={sys.prefix}", f"--old-file={sys.prefix}/book-ready"]
    began, peak = time.perf_counter(), 0
    with log.open("w") as output:
        process = psutil.Popen(
            command, cwd=folder, env=variables, stdout=output, stderr=subprocess.STDOUT
        )
        while process.poll() is None:
            peak = max(peak, memory(process))
            with suppress(psutil.TimeoutExpired):
                process.wait(INTERVAL)
    if process.returncode:
        sys.exit(f"{log.read_text()}\nThe book could not be built.")
    return time.perf_counter() - began, peak


def memory(process):
    """Return the memory of a process and all that it started; what they share counts once."""
    total = 0
    for part in (process, *process.children(recursive=True)):
        try:
            total += part.memory_full_info().pss
        except psutil.Error:  # it has ended meanwhile
            continue
    return total


if __name__ == "__main__":
    main()
