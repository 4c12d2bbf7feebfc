"""The Sphinx builder that writes notebooks."""

from pathlib import Path

import nbformat
from nbformat import v4
from sphinx.builders import Builder
from sphinx.errors import SphinxError
from sphinx.transforms.post_transforms import SphinxPostTransform

from livepage.notebooks.chapter import EDITIONS, Chapter, is_code, with_ids
from livepage.notebooks.markdown import Markdown
from livepage.notebooks.opening import opening
from livepage.notebooks.pages import executed_notebook, has_notebook
from livepage.repository import site_address

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
LEADS = {
    "student": "This notebook belongs to {page}.",
    "instructor": "This notebook belongs to {page}. It is the edition **with solutions**.",
}
NUMBERS = "The numbers in the text are those of the published page; what you compute may differ."


class WithoutOutputs(SphinxPostTransform):
    """Take the outputs of cells away before MyST-NB chooses how to show them."""

    default_priority = 1
    builders = ("notebooks",)

    def run(self, **kwargs):
        """Run the transform."""
        for cell in self.document.findall(is_code):
            cell.children = []


class NotebookBuilder(Builder):
    """Writes ``student/NAME.ipynb`` and ``instructor/NAME.ipynb`` for each page with code."""

    name = "notebooks"
    format = "notebooks"
    epilog = "The notebooks are in %(outdir)s."
    supported_image_types = ["image/svg+xml", "image/png", "image/jpeg", "image/gif"]  # noqa: RUF012
    supported_remote_images = True
    supported_data_uri_images = True

    def get_outdated_docs(self):
        """Return all pages with code: they are written in a moment."""
        return sorted(name for name in self.env.found_docs if has_notebook(self.env, name))

    def get_target_uri(self, docname, typ=None):
        """Return where a page is in the site."""
        return f"{docname}.html"

    def get_relative_uri(self, from_, to, typ=None):
        """Return where a page is on the web: a notebook lies elsewhere than the site."""
        return self.address(to)

    def address(self, docname, identity=""):
        """Return the web address of a page or of a place in it; empty if it is not known."""
        anchor = f"#{identity}" if identity else ""
        return f"{self.site}{self.get_target_uri(docname)}{anchor}" if self.site else ""

    def section_number(self, identity, level):
        """Return the number of a section and a space, if the book numbers its sections."""
        number = self.section_numbers.get("" if level == 1 else f"#{identity}")
        return f"{'.'.join(map(str, number))}. " if number else ""

    def prepare_writing(self, docnames):
        """Find out where the site is and what the first cell is, and make the folders."""
        repository = self.env.livepage_repository
        self.site = site_address(self.config.html_baseurl, repository)
        package = next(iter(self.config.livepage_packages), "")
        extra = "feedback" if self.config.livepage_feedback else ""
        self.opening = opening(package, self.srcdir, repository, extra=extra)
        self.written = {}
        for edition in EDITIONS:
            (Path(self.outdir) / edition).mkdir(parents=True, exist_ok=True)

    def write_doc(self, docname, doctree):
        """Write both notebooks of a page, if it has code."""
        if not has_notebook(self.env, docname):
            return
        self._take_name(docname)
        self.post_process_images(doctree)
        self.fignumbers = self.env.toc_fignumbers.get(docname, {})
        self.section_numbers = self.env.toc_secnumbers.get(docname, {})
        executed = executed_notebook(self.env, docname)
        notes = {edition: self._note(docname, edition) for edition in EDITIONS}
        chapter = Chapter(doctree, executed, Markdown(self, docname), self.config, notes)
        for edition in EDITIONS:
            self._write(docname, edition, chapter.cells)

    def _take_name(self, docname):
        """See that no two pages want the same file."""
        name = docname.rpartition("/")[2]
        other = self.written.setdefault(name, docname)
        if other != docname:
            raise SphinxError(f"{docname}: {other} has a notebook of the same name; rename one")

    def _note(self, docname, edition):
        title = self.env.titles[docname].astext()
        page = f"[{title}]({self.address(docname)})" if self.site else f"the page “{title}”"
        book = f"{page} of *{self.config.html_title or self.config.project}*"
        return f"{LEADS[edition].format(page=book)} {NUMBERS}"

    def _write(self, docname, edition, cells):
        opening = [self.opening] if self.opening else []
        chosen = [cell for cell in cells if edition in cell.editions]
        make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell}
        notebook = v4.new_notebook(
            metadata=METADATA,
            cells=[
                make[cell.kind](cell.source, id=name, metadata=cell.metadata)
                for name, cell in with_ids([*opening, *chosen])
            ],
        )
        nbformat.validate(notebook)
        name = docname.rpartition("/")[2]
        nbformat.write(notebook, Path(self.outdir) / edition / f"{name}.ipynb")
