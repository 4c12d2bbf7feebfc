import pytest
from hypothesis import settings
from playwright.sync_api import sync_playwright

from livepage.browser import OPTIONS, find_browser

# `make night` takes this many of all examples that tests draw.
settings.register_profile("night", max_examples=10_000, deadline=None)


@pytest.fixture(scope="session")
def browser():
    path = find_browser()
    assert path, "there is no browser: make test gets one"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield chromium
        chromium.close()
