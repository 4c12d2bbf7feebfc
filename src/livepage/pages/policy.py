"""What pages may load and run: a content-security policy, which the browser enforces.

A static host lets nobody choose headers, so the policy stands in each page, before anything that it
rules. Scripts, styles, fonts and pictures come from the site alone. What else a page needs after a
click is named: the players of videos, and the server that feedback goes to. A script or a handler
that stands in a page does not run, whoever wrote it there.

A book whose pages show what others serve names it in ``livepage_sources``::

    livepage_sources: {img-src: ["https://pictures.example.org"]}

Source: https://www.w3.org/TR/CSP3/
"""

import re
from html import escape
from urllib.parse import urlsplit

from sphinx.errors import ExtensionError

from livepage.pages.videos import SITES

NAME = "livepage_sources"
# What only a header can say, or what would let a page run what stands in it.
DIRECTIVES = ("connect-src", "font-src", "frame-src", "img-src", "media-src", "script-src")
SOURCE = re.compile(r"https?://[\w.-]+(:\d+)?(/[\w./~%-]*)?", re.ASCII)


def setup(app):
    """Register the setting with Sphinx, and put the policy into every page."""
    app.add_config_value(NAME, {}, "html", [dict])
    app.connect("config-inited", lambda app, config: check(config.livepage_sources))
    app.connect("html-page-context", _begin_with_policy, priority=900)  # what others add follows


def check(sources):
    """Raise an error that says what is wrong with ``livepage_sources``, if anything is.

    Parameters
    ----------
    sources : dict of str to list of str
        For each directive the addresses that it allows beside the site's own.

    Raises
    ------
    sphinx.errors.ExtensionError
        What was found, what was expected.
    """
    unknown = ", ".join(sorted(set(sources) - set(DIRECTIVES)))
    if unknown:
        raise ExtensionError(
            f"{NAME} in _config.yml has {unknown}, and knows {', '.join(DIRECTIVES)}"
        )
    for name, addresses in sources.items():
        listed = addresses if isinstance(addresses, list) else [addresses]
        for address in listed:
            if not isinstance(address, str) or not SOURCE.fullmatch(address):
                raise ExtensionError(
                    f"{NAME} in _config.yml: {name} has {address!r}, and should list addresses "
                    "such as https://pictures.example.org"
                )


def policy(sources, feedback):
    """Return the policy of all pages of a site.

    Parameters
    ----------
    sources : dict of str to list of str
        ``livepage_sources``.
    feedback : dict of str to str
        ``livepage_feedback``; its ``url`` may be asked.

    Returns
    -------
    str
        The directives, as a browser reads them.
    """
    allowed = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        # Formulas and tables carry the sizes of their parts as attributes. Browsers that do not
        # know the two finer directives take the first.
        "style-src": ["'self'", "'unsafe-inline'"],
        "style-src-elem": ["'self'"],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],  # style sheets carry their smallest icons
        "font-src": ["'self'"],
        "connect-src": ["'self'", *([_origin(feedback["url"])] if feedback else [])],
        "frame-src": [_origin(player) for *_, player in SITES.values()],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
    }
    for name, addresses in sources.items():
        allowed[name] = allowed.get(name, ["'self'"]) + list(addresses)
    return "; ".join(" ".join([name, *values]) for name, values in allowed.items())


def tag(config):
    """Return the policy as a tag for the head of a page."""
    content = policy(config.livepage_sources, config.livepage_feedback)
    return f'<meta http-equiv="Content-Security-Policy" content="{escape(content, quote=False)}">'


def _origin(address):
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _begin_with_policy(app, pagename, templatename, context, doctree):
    context["metatags"] = f"{tag(app.config)}\n{context.get('metatags') or ''}"
