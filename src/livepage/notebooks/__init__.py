"""A chapter becomes a notebook that plain Jupyter and Colab show and run.

The Sphinx builder ``notebooks`` writes two editions of every page with code: ``student/NAME.ipynb``
without solutions, and ``instructor/NAME.ipynb`` with them. It works from the pages as Sphinx has
resolved them for the site, so references, citations, numbers of equations and computed values are
the same; the code comes from the notebooks that MyST-NB has executed, with all tags.

A page is left out by ``notebook: false`` in its front matter. A dropdown whose title is listed in
``livepage_solutions`` holds a solution, one of ``livepage_answers`` an answer in words.
"""

from livepage.notebooks.pages import has_notebook

__all__ = ["has_notebook", "setup"]

MIME_TYPES = ("image/png", "image/jpeg", "text/plain")  # of a glued figure, the best first


def setup(app):
    """Register the builder and its settings with Sphinx."""
    from livepage.notebooks.builder import NotebookBuilder, WithoutOutputs

    app.add_config_value("livepage_solutions", ["Solution"], "env", [list])
    app.add_config_value("livepage_answers", ["Our answer"], "env", [list])
    app.add_builder(NotebookBuilder)
    app.add_post_transform(WithoutOutputs)
    app.connect("config-inited", _rank_mime_types)


def _rank_mime_types(app, config):
    ranks = [("notebooks", kind, rank) for rank, kind in enumerate(MIME_TYPES)]
    config.nb_mime_priority_overrides = [*config.nb_mime_priority_overrides, *ranks]
