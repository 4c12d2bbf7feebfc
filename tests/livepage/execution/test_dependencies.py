import sys
from importlib.metadata import packages_distributions

import pytest

from livepage import gpus
from livepage.execution.dependencies import fingerprint, imported_modules


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import a", {"a"}),
        ("import a.b as c, d", {"a.b", "d"}),
        ("from a import b, c", {"a", "a.b", "a.c"}),
        ("def f():\n    import late", {"late"}),
        ("%matplotlib inline\n!ls\nimport a", {"a"}),
        ("x = 'import a'", set()),
    ],
)
def test_all_imports_are_found(code, names):
    assert imported_modules(code) == names


def test_code_that_is_not_python_is_an_error():
    with pytest.raises(SyntaxError):
        imported_modules("def broken(:")


def test_fingerprint_depends_on_the_variables_that_count(monkeypatch):
    def now():
        return fingerprint({"numpy"}, ["livepage"], ["DESCENT_*"])

    monkeypatch.delenv("DESCENT_DATASET", raising=False)
    before = now()
    monkeypatch.setenv("UNRELATED", "1")
    assert now() == before
    monkeypatch.setenv("DESCENT_DATASET", "digits")
    assert now() != before


def test_fingerprint_depends_on_the_versions_of_what_is_imported(monkeypatch):
    import livepage.execution.dependencies as dependencies

    before = fingerprint({"numpy"}, ["livepage"], [])
    real = dependencies.version
    monkeypatch.setattr(
        dependencies, "version", lambda name: "0.0" if name == "numpy" else real(name)
    )
    assert fingerprint({"numpy"}, ["livepage"], []) != before
    monkeypatch.setattr(
        dependencies, "version", lambda name: "0.0" if name == "pandas" else real(name)
    )
    assert fingerprint({"numpy"}, ["livepage"], []) == before


def test_fingerprint_depends_on_the_gpus_that_are_there(monkeypatch, tmp_path):
    monkeypatch.setattr(gpus, "DEVICES", tmp_path)
    before = fingerprint({"numpy"}, ["livepage"], [])
    (tmp_path / "nvidiactl").touch()
    assert fingerprint({"numpy"}, ["livepage"], []) == before
    (tmp_path / "nvidia0").touch()
    assert fingerprint({"numpy"}, ["livepage"], []) != before


def test_distributions_are_those_that_python_names():
    import livepage.execution.dependencies as dependencies

    for module, names in packages_distributions().items():
        if module.isidentifier() and module not in sys.stdlib_module_names:
            assert dependencies._distributions({module}) == sorted(set(names))
    assert dependencies._distributions({"sys", "not_installed"}) == []


def test_fingerprint_does_not_depend_on_order():
    one = fingerprint(["numpy", "pandas"], ["livepage"], [])
    assert one == fingerprint(["pandas", "numpy"], ["livepage"], [])
