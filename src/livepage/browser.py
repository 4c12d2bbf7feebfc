"""Find a browser, which prints the book and shows it to the tests; as a command, get one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no host but our own
]
"""With these it asks no host but this machine, and runs in a container too."""


def find_browser():
    """Return the path of a Chromium or Chrome, or None."""
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    return installed or _playwright_browser()


def _playwright_browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _ways_to_get_one():
    """Return the commands that may install a browser, the best first."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways.insert(0, ["sh", "-c", "apt-get update -q && apt-get install -q -y chromium"])
    return ways


def main():
    """Get a browser where there is none; return the exit status."""
    if find_browser():
        return 0
    for command in _ways_to_get_one():
        print(f"No browser is here to print the book and to test it. Getting one: {command[-1]}")
        subprocess.run(command, stdin=subprocess.DEVNULL)
        if find_browser():
            return 0
    print("No browser could be installed. Install Chromium or Chrome, then run this again.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
