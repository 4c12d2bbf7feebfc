"""Feedback of readers: three faces and a text at the end of each section.

``{feedback}`` at the end of a page asks about the page, and after each of its sections about the
section. Where ``livepage_feedback`` names a project on a Datatops server, what a reader sends goes
there; else the reader writes it as an issue of the repository. Without scripts there is a link to a
new issue. Where neither server nor repository is known, a sentence is all there is.

`livepage.readers.content_review` asks in a notebook. `livepage.readers.collect` is a server, and
reads what came.
"""

import json
import re
from html import escape
from urllib.parse import quote, urlencode, urlsplit

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

SETTINGS = ("url", "project", "user_key")
PROJECT = re.compile(r"[\w.~-]+", re.ASCII)  # it is a part of an address, and the name of a file
KEY = re.compile(r"[!-~]+")  # what the header of a request can hold
ADMIN_KEY = re.compile(r"a-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PLACE = "livepage_feedback in _config.yml"
QUESTION = "Was something on this page unclear or wrong?"
WITHOUT_REPOSITORY = "Tell the person who gave you this book: each report makes it better."


class feedback(nodes.General, nodes.Element):
    """Where a reader is asked: ``section`` is an anchor, or empty for the whole page."""


class Feedback(SphinxDirective):
    """``{feedback}`` asks about a page and each section; with ``:whole-page:`` about the page."""

    option_spec = {"whole-page": directives.flag}  # noqa: RUF012

    def run(self):
        """Return the node of the page."""
        node = feedback(docname=self.env.docname, section="", title="")
        node["sections"] = "whole-page" not in self.options
        self.set_source_info(node)
        return [node]


def setup(app):
    """Register the directive, its node and its setting with Sphinx."""
    app.add_config_value("livepage_feedback", {}, "html", [dict])
    app.add_directive("feedback", Feedback)
    app.add_node(feedback, html=(_enter, _leave))
    app.connect("config-inited", lambda app, config: check(config.livepage_feedback))
    app.connect("doctree-read", _ask_after_sections)
    app.connect("html-page-context", _load)


def check(settings):
    """Raise an error that says what is wrong with ``livepage_feedback``, if anything is.

    Parameters
    ----------
    settings : dict
        Empty, or with the ``url`` of a Datatops server, the name of a ``project`` there and its
        ``user_key``.

    Raises
    ------
    sphinx.errors.ExtensionError
        What was found, what was expected, what to do.
    """
    if not settings:
        return
    if not isinstance(settings, dict) or set(settings) != set(SETTINGS):
        found = ", ".join(map(str, settings)) if isinstance(settings, dict) else repr(settings)
        raise ExtensionError(
            f"{PLACE} has {found}, and needs {', '.join(SETTINGS)}; or {{}} for no server"
        )
    for name, value in settings.items():
        if not isinstance(value, str) or not value:
            raise ExtensionError(
                f"{PLACE}: {name} is {value!r}, and should be a text. Put it in quotes"
            )
    _check_url(settings["url"])
    if not PROJECT.fullmatch(settings["project"]):
        raise ExtensionError(
            f"{PLACE}: project is {settings['project']!r}, and should be a name of letters, "
            "digits, and '-', '_', '.' or '~', as the server knows it"
        )
    if ADMIN_KEY.fullmatch(settings["user_key"]):
        raise ExtensionError(
            f"{PLACE}: user_key is an admin key, with which every reader of the page could read "
            "all feedback. Put the user key there; if this one was published, make a new project"
        )
    if not KEY.fullmatch(settings["user_key"]):
        raise ExtensionError(
            f"{PLACE}: user_key is {settings['user_key']!r}, and should have no spaces and no "
            "letters beyond ASCII. Copy it as the server printed it"
        )


def _check_url(url):
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole or parts.query or parts.fragment or parts.username or url != url.strip():
        raise ExtensionError(
            f"{PLACE}: url is {url!r}, and should be the address of a Datatops server, such as "
            "https://feedback.example.org"
        )
    if "/api/v" in parts.path:
        raise ExtensionError(
            f"{PLACE}: url is {url!r}, and should end before /api, which is added to it"
        )


def project_address(settings):
    """Return where feedback is sent to, as a Datatops server wants it."""
    return f"{settings['url'].rstrip('/')}/api/v1/projects/{quote(settings['project'], safe='')}"


def section_id(node):
    """Return the name of a section in what is sent: its page, and its anchor there."""
    return f"{node['docname']}#{node['section']}" if node["section"] else node["docname"]


def issue_address(repository, node):
    """Return where an issue about a section is written; empty without a repository."""
    query = urlencode({"title": f"Feedback on {section_id(node)}"})
    return f"{repository}/issues/new?{query}" if repository else ""


def _ask_after_sections(app, doctree):
    """Put a node at the end of each section but the last, which ends with that of the page."""
    pages = list(doctree.findall(feedback))
    for again in pages[1:]:
        logger.warning("A page has one {feedback}, at its end; take this away", location=again)
    if not pages or not pages[0]["sections"]:
        return
    docname = app.env.docname
    for section in doctree.findall(nodes.section):
        is_second_level = isinstance(section.parent, nodes.section) and isinstance(
            section.parent.parent, nodes.document
        )
        if is_second_level and not any(section.findall(feedback)):
            title = section.next_node(nodes.title).astext()
            section += feedback(docname=docname, section=section["ids"][0], title=title)


def _enter(writer, node):
    """Write what there is without scripts; the script makes a form of it, at the same height."""
    repository = writer.builder.env.livepage_repository
    address = escape(issue_address(repository, node))
    if node["section"] and not repository and not writer.config.livepage_feedback:
        raise nodes.SkipNode
    kind = "section-feedback" if node["section"] else "page-feedback"
    data = f'data-section="{escape(section_id(node))}" data-title="{escape(node["title"])}"'
    writer.body.append(f'<div class="feedback {kind}" {data}>')
    if node["section"]:
        line = f'<a href="{address}">Tell us how this section was</a>' if address else ""
    else:
        link = f'<a href="{address}">Tell us in an issue.</a>' if address else WITHOUT_REPOSITORY
        line = f"{QUESTION} {link}"
    writer.body.append(f"<p>{line}</p>" if line else "")


def _leave(writer, node):
    writer.body.append("</div>\n")


def _load(app, pagename, templatename, context, doctree):
    """Tell the script where feedback goes; where a server is known, any page sends what waits."""
    asked = doctree is not None and any(doctree.findall(feedback))
    settings, repository = app.config.livepage_feedback, app.env.livepage_repository
    if not settings and not (asked and repository):
        return
    facts = {"issues": f"{repository}/issues/new" if repository else ""}
    if settings:
        facts |= {"address": project_address(settings), "key": settings["user_key"]}
    content = escape(json.dumps(facts))
    tag = f'\n<meta name="livepage-feedback" content="{content}">'
    context["metatags"] = context.get("metatags", "") + tag
    app.add_js_file("feedback.js", loading_method="defer")
    if asked:
        app.add_css_file("feedback.css")
