"""The API reference names all that the chapters can import, the glossary all that they link to."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[1] / "book"
MODULES = re.findall(r"^\.\. automodule:: (\S+)$", (BOOK / "api.md").read_text(), re.MULTILINE)
ROOMS = Path(importlib.import_module("descent").__file__).parent


def public_objects(module):
    own = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
    return {name: getattr(module, name) for name in own}


def test_every_room_is_in_the_reference():
    rooms = {path.stem for path in ROOMS.iterdir() if path.suffix == ".py" or path.is_dir()}
    wanted = {f"descent.{room}" for room in rooms if not room.startswith("__")}
    assert wanted <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_every_public_function_and_class_describes_its_arguments(name):
    for key, value in public_objects(importlib.import_module(name)).items():
        if not (inspect.isfunction(value) or inspect.isclass(value)):
            continue
        summary, _, description = inspect.getdoc(value).partition("\n")
        assert summary.endswith((".", ":"))
        arguments = list(inspect.signature(value).parameters)
        undescribed = [a for a in arguments if not re.search(rf"\b{a}\b", description)]
        in_the_summary = len(arguments) == 1 and not description
        assert in_the_summary or not undescribed, f"{key} does not describe {undescribed}"


def test_every_word_of_the_glossary_is_linked_from_a_chapter():
    glossary = (BOOK / "glossary.md").read_text()
    words = re.findall(r"^(\S.*)\n  \S", glossary.split("```{glossary}")[1], re.MULTILINE)
    texts = "".join(path.read_text() for path in BOOK.glob("*.md"))
    links = re.findall(r"\{term}`([^`]+)`", texts)
    linked = {re.sub(r".*<(.+)>", r"\1", " ".join(link.split())).lower() for link in links}
    assert words
    assert {word.lower() for word in words} <= linked
