"""The search for raw MyST finds what is planted, and nothing in what is good."""

import pytest
from tests.notebooks.leftovers import leftovers

GOOD = r"""# A title [↗](https://example.org/page.html#a-title)

A set $\{a\}$, `{x}`, `f"{name}"`, `{doc}`, 100 %, (that)= no, and [a link](https://example.org).

$$ \mathrm{x}_{a} \tag{3} $$

> **Note**
>
> - one `:::`

```python
f"{x}`"
```

<details>
<summary>One <code>a</code></summary>

**Right.** ![alt](data:image/png;base64,aGk=)

</details>

| a | b |
| --- | --- |
| 1 | `{term}` |
"""


def test_what_jupyter_shows_well_is_let_through():
    assert leftovers(GOOD) == []


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        ("```{note}\ntext\n```", "directive"),
        ("````{figure} a.png\n````", "directive"),
        (":::{admonition} Title\ntext\n:::", "directive"),
        ("> :::{note}\n> text\n> :::", "directive"),
        ("- item\n\n  ```{math}\n  x\n  ```", "directive"),
        ("<details>\n<summary>S</summary>\n\n:::{tip}\n:::\n\n</details>", "directive"),
        ("See {doc}`momentum`.", "role"),
        ("It is {glue:text}`kappa:.1f`.", "role"),
        ("As in {cite:p}`polyak1964some` or so.", "role"),
        ("| a |\n| --- |\n| {term}`momentum` |", "role"),
        ("<summary>{eq}`one`</summary>", "role"),
        ("(a-target)=\n## Title", "target"),
        ("It is {{ value }}.", "substitution"),
        ("+++\nnext", "break"),
        ("% a comment", "comment"),
        ("A note[^1].", "footnote"),
        ("Fig. %s", "unresolved"),
        ("[here](#a-target)", "link"),
        ("[there](momentum.md)", "link"),
        ("[there](momentum.html#x)", "link"),
        ("![alt](figures/a.png)", "link"),
        ('<img src="a.png">', "link"),
        ('text <a href="#x">here</a>', "link"),
    ],
)
def test_what_is_planted_is_found(planted, kind):
    assert kind in [found for found, _ in leftovers(f"Before.\n\n{planted}\n\nAfter.")]
    assert kind in [found for found, _ in leftovers(f"{GOOD}\n\n{planted}\n")]
