"""Find a browser for the tests of the built pages; as a command, get one where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_browser():
    """Return the path of a Chromium or Chrome, or None."""
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    return installed or _playwright_browser()


def _playwright_browser():
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
        print(f"No browser is here for the tests of the pages. Getting one: {command[-1]}")
        subprocess.run(command, stdin=subprocess.DEVNULL)
        if find_browser():
            return 0
    print("No browser could be installed. Install Chromium or Chrome, then run make test again.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
