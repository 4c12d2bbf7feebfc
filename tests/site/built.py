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


def whole(name):
    """Return a page's address with a place in it, so that all of the page is laid out at once."""
    return f"{name}#main-content"


def hold_still(page):
    """Let nothing on a page glide, by rules that its policy allows: no tag holds them."""
    page.evaluate("""() => {
      const rules = new CSSStyleSheet();
      rules.replaceSync("* { transition: none !important }");
      document.adoptedStyleSheets.push(rules);
    }""")


def unfold(page):
    """Open what is folded on a page, but for one of each kind, so that both can be looked at."""
    page.evaluate("""() => {
      const kinds = Map.groupBy(document.querySelectorAll("details"), (box) => box.className);
      for (const boxes of kinds.values()) {
        boxes.forEach((box, place) => { box.open = place === 0 || place < boxes.length - 1; });
      }
    }""")


def bring_to_life(page):
    """Scroll to every demo of a page until it moves."""
    page.wait_for_function("""() => {
      const still = document.querySelector("figure.explorer:not(.live)");
      still?.scrollIntoView({ behavior: "instant" });
      return !still;
    }""")
    if page.locator(".playground").count():
        page.locator(".playground").first.scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 0)")
