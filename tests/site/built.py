"""The built site, and how its pages are brought to life, for the tests of every page."""

from pathlib import Path

SITE = Path(__file__).parents[2] / "_build" / "html"
FORWARDS = "index.html"  # it leads to the first page at once
EVERY_FILE = sorted(
    str(path.relative_to(SITE))
    for path in SITE.rglob("*.html")
    if "_static" not in path.relative_to(SITE).parts
)
EVERY_PAGE = [name for name in EVERY_FILE if name != FORWARDS]


def open_dropdowns(page, opened=True):
    """Open all that is folded on a page, or fold it again."""
    page.evaluate(
        "opened => { for (const box of document.querySelectorAll('details')) box.open = opened }",
        opened,
    )


def bring_to_life(page):
    """Scroll to every demo of a page, and wait until all of them move."""
    for demo in page.locator("figure.explorer").all():
        demo.scroll_into_view_if_needed()
    page.wait_for_function("!document.querySelector('figure.explorer:not(.live)')")
    if page.locator(".playground").count():
        page.locator(".playground").first.scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 0)")
