"""The feedback line at the end of a page."""

from urllib.parse import urlencode

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class Feedback(SphinxDirective):
    """``{feedback}``: a line that asks for the reader's opinion, with a link to a new issue."""

    def run(self):
        """Return the paragraph."""
        line = nodes.paragraph(classes=["feedback"])
        line += nodes.Text("Was something on this page unclear or wrong? ")
        line += _invitation(self.env.livepage_repository, self.env.docname)
        return [line]


def _invitation(repository, docname):
    if not repository:
        return nodes.Text("Tell the person who gave you this book: each report makes it better.")
    query = urlencode({"title": f"Feedback on {docname}"})
    address = f"{repository}/issues/new?{query}"
    return nodes.reference("", "Tell us in an issue.", refuri=address, internal=False)


def setup(app):
    """Register the directive."""
    app.add_directive("feedback", Feedback)
