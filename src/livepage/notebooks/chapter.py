"""A resolved page as a list of cells, for both editions."""

import ast
import hashlib
import json
from dataclasses import dataclass, field

from docutils import nodes

from livepage.readers.feedback import feedback, issue_address, section_id
from livepage.readers.questions import question

EDITIONS = ("student", "instructor")
HIDDEN = {"hide-cell", "hide-input", "remove-cell", "remove-input"}
WITHOUT_OUTPUT = {"hide-output", "remove-cell", "remove-output"}
PROMPT = "Code that you need not read"
GLUE_PROMPT = "Numbers for the text"
IMPORT_REVIEW = "from livepage.readers.content_review import content_review"


@dataclass
class Cell:
    """A cell of a notebook.

    Attributes
    ----------
    kind : str
        ``markdown`` or ``code``.
    source : str
        What it holds.
    metadata : dict
        As in the notebook's file.
    editions : tuple of str
        Those that it is in.
    """

    kind: str
    source: str
    metadata: dict = field(default_factory=dict)
    editions: tuple = EDITIONS


class Chapter:
    """Collects the cells of one page.

    Parameters
    ----------
    doctree : docutils.nodes.document
        The page, resolved for the builder of notebooks.
    notebook : nbformat.NotebookNode
        The page's code as it was executed, with the cells that the page does not show.
    markdown : livepage.notebooks.markdown.Markdown
        Turns nodes into text.
    config : sphinx.config.Config
        Names the titles of solutions and answers.
    notes : dict of str to str
        Markdown that stands below the title, for each edition.
    """

    def __init__(self, doctree, notebook, markdown, config, notes):
        self.notebook = notebook
        self.markdown = markdown
        self.config = config
        self.notes = notes
        self.cells = []
        self.text = []
        self.section = ""  # the id of the one that is being read
        shown = [node["cell_index"] for node in doctree.findall(is_code)]
        self.unseen = [
            place
            for place, cell in enumerate(notebook.cells)
            if cell.cell_type == "code" and place not in shown
        ]
        self._add_unseen(before=min(shown, default=len(notebook.cells)))
        self._add(doctree, level=0)
        self._end_text()

    def _add(self, node, level):
        """Add what a document or a section holds."""
        for child in node.children:
            if isinstance(child, nodes.section):
                self._end_text()
                self.section = child["ids"][0]
                self._add(child, level + 1)
            elif isinstance(child, nodes.title):
                self._add_heading(child, level)
            elif is_code(child):
                self._end_text()
                self._add_code(child["cell_index"])
            elif is_dropdown(child) and child[0].astext() in self.config.livepage_solutions:
                self._add_solution(child, level)
            elif is_dropdown(child) and child[0].astext() in self.config.livepage_answers:
                self._add_answer(child)
            elif isinstance(child, feedback) and self.config.livepage_feedback:
                self._end_text()
                self.cells.append(self._review(child))
            elif isinstance(child, question):
                self._end_text()
                self.cells.append(Cell("markdown", self.markdown(child)))
            else:
                self.text.append(self.markdown(child))

    def _add_heading(self, title, level):
        text = self.markdown.line(title.children)
        number = self.markdown.builder.section_number(self.section, level)
        address = self.markdown.builder.address(self.markdown.docname, self.section)
        link = f" [↗]({address})" if address else ""
        heading = f"{'#' * level} {number}{text}{link}"
        if not self.notes:
            self.text.append(heading)
            return
        self._end_text()
        for edition, note in self.notes.items():
            self.cells.append(Cell("markdown", f"{heading}\n\n{note}", editions=(edition,)))
        self.notes = {}

    def _end_text(self):
        text = "\n\n".join(part for part in self.text if part)
        if text:
            self.cells.append(Cell("markdown", text))
        self.text = []

    def _add_code(self, place):
        """Add a code cell that the page shows, and those after it that it does not."""
        self.cells.append(code_cell(self.notebook.cells[place]))
        following = place + 1
        while following < len(self.notebook.cells) and not (
            self.notebook.cells[following].cell_type == "code" and following not in self.unseen
        ):
            following += 1
        self._add_unseen(before=following)

    def _add_unseen(self, before):
        while self.unseen and self.unseen[0] < before:
            self.cells.append(code_cell(self.notebook.cells[self.unseen.pop(0)]))

    def _add_solution(self, dropdown, level):
        """Put a solution after the cell that it completes, for instructors; tell students where."""
        title, *body = dropdown.children
        cells, text = [], [f"{'#' * (level + 1)} {self.markdown.line(title.children)}"]
        for part in body:
            if not is_python(part):
                text.append(self.markdown(part))
                continue
            cells += [_for_instructors("markdown", *text)] if text else []
            cells.append(_for_instructors("code", part.astext().strip("\n")))
            text = []
        cells += [_for_instructors("markdown", *text)] if text else []
        place = self._stub(dropdown, cells) + 1
        self._add_pointer(title)
        self.cells[place:place] = cells

    def _stub(self, dropdown, solution):
        """Return the place of the cell that a solution completes."""
        wanted = set().union(*(defined(cell.source) for cell in solution if cell.kind == "code"))
        for place in reversed(range(len(self.cells))):
            cell = self.cells[place]
            if cell.kind == "code" and wanted & defined(cell.source):
                return place
        names = ", ".join(sorted(wanted)) or "nothing"
        raise self.markdown.error(
            dropdown, f"a solution defines {names}, and no cell before it defines the same"
        )

    def _add_answer(self, dropdown):
        """Add an answer in words, for instructors; tell students where it is."""
        self._end_text()
        self.cells.append(
            _for_instructors("markdown", self.markdown.dropdown(dropdown), tag="answer")
        )
        self._add_pointer(dropdown[0])

    def _add_pointer(self, title):
        self._end_text()
        address = self.markdown.builder.address(self.markdown.docname, self.section)
        page = f"[the page]({address})" if address else "the page of this chapter"
        text = f"*{self.markdown.line(title.children)}: on {page}.*"
        cell = Cell("markdown", text, {"tags": ["pointer"]}, editions=("student",))
        self.cells.append(cell)

    def _review(self, node):
        """Return a cell that asks how a section was, and sends the answer."""
        repository = self.markdown.builder.env.livepage_repository
        values = self.config.livepage_feedback | {"issue": issue_address(repository, node)}
        lines = [f"    {name}={_quoted(value)},\n" for name, value in values.items()]
        call = f"content_review(\n    {_quoted(section_id(node))},\n{''.join(lines)})"
        title = f"# @title How was this {'section' if node['section'] else 'page'}?"
        metadata = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["feedback"]}
        return Cell("code", f"{title}\n{IMPORT_REVIEW}\n\n{call}", metadata)


def _quoted(text):
    return json.dumps(text, ensure_ascii=False)


def is_code(node):
    """Tell whether a node is a code cell with its outputs."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def is_python(node):
    """Tell whether a node shows Python."""
    languages = ("python", "ipython", "py")
    return isinstance(node, nodes.literal_block) and node.get("language", "").startswith(languages)


def is_dropdown(node):
    """Tell whether a node is a dropdown with a title."""
    return (
        isinstance(node, nodes.container)
        and node.get("design_component") == "dropdown"
        and node["has_title"]
    )


def code_cell(cell):
    """Return the `Cell` of an executed one: its code and tags, folded where the page hides it."""
    tags = list(cell.metadata.get("tags", []))
    metadata = {"tags": tags} if tags else {}
    source = cell.source
    if HIDDEN & set(tags):
        metadata |= {"cellView": "form", "jupyter": {"source_hidden": True}}
        # A cell's magic must stay its first line.
        source = source if source.startswith("%%") else f"# @title {_prompt(cell)}\n{source}"
    if WITHOUT_OUTPUT & set(tags):
        metadata["jupyter"] = metadata.get("jupyter", {}) | {"outputs_hidden": True}
    return Cell("code", source, metadata)


def _prompt(cell):
    """Return the line that stands for code that is folded."""
    own = cell.metadata.get("mystnb", {}).get("code_prompt_show", "").removeprefix("Show ")
    usual = GLUE_PROMPT if "remove-cell" in cell.metadata.tags else PROMPT
    return own[:1].upper() + own[1:] or usual


def defined(code):
    """Return the names of the functions and classes that code defines at its top level."""
    lines = [line for line in code.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:  # a stub may be a text with gaps
        return set()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in tree.body if isinstance(node, kinds)}


def _for_instructors(kind, *parts, tag="solution"):
    source = "\n\n".join(part for part in parts if part)
    return Cell(kind, source, {"tags": [tag]}, editions=("instructor",))


def with_ids(cells):
    """Return cells with an id for each, which changes only when the cell does."""
    seen = {}
    named = []
    for cell in cells:
        name = hashlib.sha256(f"{cell.kind}\n{cell.source}".encode()).hexdigest()[:12]
        seen[name] = seen.get(name, 0) + 1
        named.append((name if seen[name] == 1 else f"{name}-{seen[name]}", cell))
    return named
