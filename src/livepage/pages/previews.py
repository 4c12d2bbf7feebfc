"""What a link to a page looks like elsewhere: title, description and card; and the site's icons.

Addresses in a preview must be whole. They are where it is known where the site will stand: by
Sphinx's ``html_baseurl``, or else as the GitHub pages of the repository. Where it is not known, a
preview has no address and no card.
"""

import hashlib
import re
from html import escape
from importlib import metadata
from pathlib import Path
from urllib.parse import urljoin

from sphinx.errors import ExtensionError

from livepage.pages.head import description
from livepage.repository import site_address

DRAWN = "drawn"  # a folder among what Sphinx keeps between builds
CARD = "_static/card.png"
CARD_SIZE = (1200, 630)
ICONS = {"icon": 32, "apple-touch-icon": 180}  # in pixels, for who cannot show SVG


def setup(app):
    """Register with Sphinx the settings, and what becomes of them."""
    app.add_config_value("livepage_card", "", "html", [str])
    app.add_config_value("livepage_card_words", "", "html", [str])
    app.add_config_value("livepage_grounds", {}, "html", [dict])
    app.connect("builder-inited", check_pictures)
    app.connect("html-page-context", _add_tags)
    app.connect("build-finished", _draw_pictures)


def check_pictures(app):
    """Say what is wrong with the picture that a book names for its card, if anything is."""
    card, words = app.config.livepage_card, app.config.livepage_card_words
    if card and not Path(app.srcdir, card).is_file():
        raise ExtensionError(
            f"livepage_card names {card}, which is not there; it is a path from the book's folder "
            f"to an SVG of {CARD_SIZE[0]} × {CARD_SIZE[1]}"
        )
    if card and not words:
        raise ExtensionError("livepage_card needs livepage_card_words: what the card shows")


def _add_tags(app, pagename, templatename, context, doctree):
    tags = [*_icons(app, context), *_theme_colors(app)]
    if doctree is not None:
        tags += _preview(app, pagename, context, description(doctree))
    context["metatags"] = "\n".join([context.get("metatags", ""), *tags])


def _preview(app, pagename, context, words):
    address = site_address(app.config.html_baseurl, app.env.livepage_repository)
    title = re.sub("<[^>]*>", "", context["title"]).replace('"', "&quot;")
    facts = {"og:type": "article", "og:site_name": escape(app.config.html_title), "og:title": title}
    if words:
        facts["og:description"] = escape(words)
    if address:
        facts["og:url"] = urljoin(address, app.builder.get_target_uri(pagename))
    if address and app.config.livepage_card:
        facts |= {
            "og:image": urljoin(address, CARD),
            "og:image:width": CARD_SIZE[0],
            "og:image:height": CARD_SIZE[1],
            "og:image:alt": escape(app.config.livepage_card_words),
        }
    card = "summary_large_image" if "og:image" in facts else "summary"
    tags = [f'<meta property="{name}" content="{value}">' for name, value in facts.items()]
    tags.append(f'<meta name="twitter:card" content="{card}">')
    return tags


def _icons(app, context):
    if not _is_svg(app.config.html_favicon):
        return []
    return [
        f'<link rel="{kind}" type="image/png" sizes="{size}x{size}" '
        f'href="{context["pathto"](f"_static/{kind}.png", 1)}">'
        for kind, size in ICONS.items()
    ]


def _theme_colors(app):
    return [
        f'<meta name="theme-color" media="(prefers-color-scheme: {theme})" content="{color}">'
        for theme, color in app.config.livepage_grounds.items()
    ]


def _is_svg(path):
    return bool(path) and Path(path).suffix == ".svg"


def _draw_pictures(app, error):
    if error or app.builder.format != "html":
        return
    wanted = []
    if app.config.livepage_card:
        wanted.append((app.config.livepage_card, CARD, CARD_SIZE[0]))
    if _is_svg(app.config.html_favicon):
        icons = [(f"_static/{kind}.png", size) for kind, size in ICONS.items()]
        wanted += [(app.config.html_favicon, *icon) for icon in icons]
    for source, name, width in wanted:
        svg = Path(app.srcdir, source).read_text(encoding="utf-8")
        Path(app.outdir, name).write_bytes(_drawn(svg, width, Path(app.doctreedir, DRAWN)))


def _drawn(svg, width, folder):
    """Return an SVG as a PNG, so many pixels wide; keep it in a folder for the next build."""
    made_of = f"{metadata.version('vl-convert-python')} {width} {svg}"
    kept = folder / f"{hashlib.sha256(made_of.encode()).hexdigest()}.png"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        started = kept.with_suffix(".part")
        started.write_bytes(_draw(svg, width))
        started.rename(kept)  # an interrupted build leaves no half of a picture
    return kept.read_bytes()


def _draw(svg, width):
    """Draw an SVG as pixels, so many in width."""
    import vl_convert

    natural = float(re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+)', svg)[1])
    svg = re.sub(r'(<svg\b[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    return vl_convert.svg_to_png(svg, scale=width / natural)
