"""Videos: a still of ours, which becomes the player on a click, from the site that readers choose.

In a chapter::

    ```{video} Video 1: What it is called
    :youtube: abcdefghijk
    :bilibili: BV1abcdefghi
    :length: 8:05

    From the course of last year.
    ```

One of the two sites is enough; the length and the text may be left out. Nothing is asked of either
site before the click. Without a script, on paper and in a notebook, links lead to both.
"""

import re
from html import escape

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

# For each site its name, the form of its videos' ids, where one is watched, and its player.
SITES = {
    "youtube": (
        "YouTube",
        r"[\w-]{11}",
        "https://www.youtube.com/watch?v=",
        "https://www.youtube-nocookie.com/embed/{}?autoplay=1&rel=0",
    ),
    "bilibili": (
        "Bilibili",
        r"BV[0-9A-Za-z]{10}",
        "https://www.bilibili.com/video/",
        "https://player.bilibili.com/player.html?bvid={}&autoplay=1&danmaku=0",
    ),
}
LENGTH = re.compile(r"(?:(\d+):(?=\d\d:))?(\d{1,2}):([0-5]\d)")
UNITS = ("h", "min", "s")


def _identity(site):
    """Return the check of a video's id on a site."""
    name, form, *_ = SITES[site]

    def check(argument):
        identity = directives.unchanged_required(argument).strip()
        if not re.fullmatch(form, identity):
            raise ValueError(f"{identity!r} is no id of a video on {name}")
        return identity

    return check


def length_in_words(argument):
    """Return a length such as ``1:02:03`` in words, as ``1 h 2 min 3 s``.

    Raises
    ------
    ValueError
        If it is no length.
    """
    match = LENGTH.fullmatch(directives.unchanged_required(argument).strip())
    if not match:
        raise ValueError(f"{argument!r} is no length; write minutes and seconds, as 8:05")
    numbers = [int(number or 0) for number in match.groups()]
    return " ".join(
        f"{number} {unit}" for number, unit in zip(numbers, UNITS, strict=True) if number
    )


class Video(SphinxDirective):
    """``{video}``: the title is the argument, the sites and the length are options."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {site: _identity(site) for site in SITES} | {"length": length_in_words}

    def run(self):
        """Return the video."""
        sites = {site: self.options[site] for site in SITES if site in self.options}
        if not sites:
            options = " or ".join(f":{site}:" for site in SITES)
            raise self.error(f"a video needs its id on a site: {options}")
        title = self.arguments[0]
        node = video(
            sites=sites,
            title=title,
            length=self.options.get("length", ""),
            group=f"video-{self.env.new_serialno('video')}",
        )
        node += video_title(title, title)
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


class video(nodes.General, nodes.Element):
    """A video: its title, then the text that belongs to it, and as attributes where it is."""


class video_title(nodes.TextElement):
    """What a video is called."""


def addresses(node):
    """Return where a video is watched: a name and an address for each site."""
    return [(SITES[site][0], SITES[site][2] + name) for site, name in node["sites"].items()]


def _enter_video(writer, node):
    writer.body.append('<figure class="video">\n<div class="video-frame">')


def _enter_title(writer, node):
    writer.body.append('<p class="video-title">')


def _leave_title(writer, node):
    """End the title and the still, and begin the text below."""
    whole = node.parent
    length = f'<p class="video-length">{whole["length"]}</p>' if whole["length"] else ""
    writer.body.append(
        f'</p>{length}<button type="button" class="video-play" '
        f'aria-label="Play {escape(whole["title"])}"></button></div>\n<figcaption>'
    )


def _leave_video(writer, node):
    choices = "".join(
        f'<label><input type="radio" name="{node["group"]}" value="{site}" '
        f'data-player="{escape(SITES[site][3].format(name))}"{" checked" if not place else ""}>'
        f"{SITES[site][0]}</label>"
        for place, (site, name) in enumerate(node["sites"].items())
    )
    links = " or ".join(
        f'<a class="reference external" href="{escape(address)}">{name}</a>'
        for name, address in addresses(node)
    )
    writer.body.append(
        f'<fieldset class="video-sites"><legend>Play it here from</legend>{choices}'
        '<button type="button" class="video-close" hidden>Close the player</button></fieldset>'
        f'<p class="video-links">Watch it on {links}, an external site. '
        '<span class="video-promise">Nothing is loaded from there before you ask for it.</span>'
        '</p><p class="video-message" role="status"></p>'
        "</figcaption>\n</figure>\n"
    )


def setup(app):
    """Register the directive and its nodes with Sphinx."""
    app.add_directive("video", Video)
    app.add_node(video, html=(_enter_video, _leave_video))
    app.add_node(video_title, html=(_enter_title, _leave_title))
    app.connect("html-page-context", _load_files)


def _load_files(app, pagename, templatename, context, doctree):
    if doctree is not None and any(doctree.findall(video)):
        app.add_css_file("videos.css")
        app.add_js_file("videos.js", loading_method="defer")
