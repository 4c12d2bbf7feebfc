"""Icons: of Font Awesome's two thousand, only those that pages name, drawn in the page.

The theme brings them as a script of 1.5 MB and as fonts. Their outlines are read from that script
while the site is built.
"""

import re
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pydata_sphinx_theme

FILES = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static/vendor"
STYLES = {"fab": "fab", "fa-brands": "fab", "far": "far", "fa-regular": "far"}  # else solid
DRAWN = re.compile(
    r'(?:"(?P<quoted>[\w-]+)"|(?P<plain>\w+)):\[(?P<width>\d+),(?P<height>\d+),'
    r'\[(?P<aliases>[^\]]*)\],"(?P<code>[0-9a-f]+)","(?P<path>[^"]+)"\]'
)
ELEMENT = re.compile(
    r'<(i|span) class="(?P<classes>(?:[^"]* )?fa-[a-z][^"]*)"(?P<rest>[^>]*)></\1>'
)
# What the theme's style sheets write as letters of the icons' font.
DEFINED = re.compile(r'(?P<name>--pst-icon-[\w-]+):\s*"(?P<letter>[^"\\])"')
USED = re.compile(r"content:\s*var\((?P<name>--pst-icon-[\w-]+)\)")
FONT = re.compile(r"font:\s*var\(--fa-font-\w+\)")
BOOK_THEME = re.compile(r'content:"\\(?P<code>f\w{3})";font-family:Font Awesome\\ 5 Free;')
MASK = (
    "forced-color-adjust:none;display:inline-block;width:1em;height:1em;background:currentColor;"
    "mask-position:center;mask-repeat:no-repeat;mask-size:contain"
)


class UnknownIconError(Exception):
    """A page names an icon that Font Awesome does not have."""


@cache
def outlines():
    """Return where each icon is found: by style and name, and by style and code."""
    script = next(FILES.glob("fontawesome/*/js/all.min.js")).read_text(encoding="utf-8")
    found, begin = {}, 0
    for style in ("fab", "far", "fas"):
        end = script.index(f'("{style}",', begin)
        for icon in DRAWN.finditer(script, begin, end):
            aliases = re.findall(r'"([\w-]+)"', icon["aliases"])
            for name in (icon["quoted"] or icon["plain"], icon["code"], *aliases):
                found[style, name] = icon
        begin = end
    return found


def draw(html):
    """Return a page with its icons drawn in it.

    Parameters
    ----------
    html : str
        The page, with icons such as ``<i class="fa-solid fa-rocket"></i>``.

    Raises
    ------
    UnknownIconError
        If there is no such icon.
    """
    return ELEMENT.sub(_drawn, html)


def _drawn(element):
    classes = element["classes"].split()
    style = next((STYLES[name] for name in classes if name in STYLES), "fas")
    names = [name.removeprefix("fa-") for name in classes if name.startswith("fa-")]
    icon = next((outlines()[style, name] for name in names if (style, name) in outlines()), None)
    if icon is None:
        raise UnknownIconError(f"Font Awesome has no icon for {element[0]}.")
    return (
        f'<svg class="svg-inline--fa {element["classes"]}"{element["rest"]} aria-hidden="true" '
        f'viewBox="0 0 {icon["width"]} {icon["height"]}">'
        f'<path fill="currentColor" d="{icon["path"]}"/></svg>'
    )


def draw_in_styles(css):
    """Return a style sheet of the theme with masks in the place of letters of the icons' font.

    Parameters
    ----------
    css : str
        The style sheet.
    """
    css = DEFINED.sub(lambda rule: f"{rule['name']}:{_mask(ord(rule['letter']))}", css)
    css = USED.sub(r'content:"";mask-image:var(\g<name>)', css)
    css = BOOK_THEME.sub(
        lambda rule: f'content:"";mask-image:{_mask(int(rule["code"], 16))};{MASK};', css
    )
    return FONT.sub(MASK, css)


def _mask(code):
    name = f"{code:x}"
    icon = outlines().get(("fas", name)) or outlines()["fab", name]
    picture = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {icon['width']} {icon['height']}'>"
        f"<path d='{icon['path']}'/></svg>"
    )
    return f'url("data:image/svg+xml,{quote(picture, safe=" =:/,")}")'.replace("%27", "'")
