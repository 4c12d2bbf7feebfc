import pytest
from playwright.sync_api import sync_playwright

from livepage.browser import OPTIONS, find_browser


@pytest.fixture(scope="session")
def browser():
    path = find_browser()
    assert path, "there is no browser: make test gets one"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield chromium
        chromium.close()
