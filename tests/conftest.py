import pytest
from playwright.sync_api import sync_playwright
from tests.site.browser import find_browser


@pytest.fixture(scope="session")
def browser():
    path = find_browser()
    assert path, "there is no browser: make test gets one"
    options = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no host but our own
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=options)
        yield chromium
        chromium.close()
