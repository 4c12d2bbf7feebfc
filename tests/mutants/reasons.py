"""Why no test finds some mutants: patterns of their name and changed lines, and the reason.

Each is looked for in "name, newline, line before, newline, line after".
"""


def changed(part):
    """Return a pattern for lines that have a part before, and not after."""
    return rf"\n.*?({part}).*\n(?!.*\1)"


COMPARED = r"\n(.*) [<>]=? (.*)\n\1 [<>]=? \2$"

REASONS = [
    (
        changed(r"strict=True"),
        "what is zipped has one length by then; that it is strict guards against us",
    ),
    (changed(r"strict=False"), "it is the default, written out"),
    (r"b'XXXX'", "nothing is read of what comes with a problem"),
    (
        r"\n.*['\"]XX.*XX['\"]|XX; XX|XX, XX|XX and no XX",
        "the words of a message have other letters around them; tests look for those within",
    ),
    (
        r"exercises\.\w+\.x_(sweep|scenario|new_data).*"
        r"\n.*(\d\.\d|seed=|seed\(|randn\(|CALLS|POINTS)",
        "a scenario calls a function with some numbers, and any others would do",
    ),
    (
        r"exercises\.updates\.x_(draw|new_params|bowl)__|Watched(Model|Optimizer)\S+__init__",
        "a scenario has some loss, numbers and network, and any others would do",
    ),
    (
        r"exercises\.sandbox\.x_(undisturbed|_limited_memory|_silent_alarms|_put_back_environment)__",
        "left to test_hostile.py, which would take minutes for each mutant",
    ),
    (r"'is too long'\nproblem = None", "the length is looked at once more"),
    (COMPARED, "the two sides are never equal, or both ways give the same where they are"),
    (r"1e-1[45]|maxfun|range\(5[01]\)", "a bound far below or above all that happens"),
    (changed(r"dtype=[\w.]+"), "the type is what it would be without being named"),
    (changed(r"\.to\(\w+\)"), "the type is what it would be without being named"),
    (changed(r"finfo\(\w+\)"), "the type is what it would be without being named"),
    (changed(r"posinf=\w+"), "the number is as good as the default, which is as large"),
    (changed(r"flush=True"), "standard error is not kept back anyway"),
    (changed(r"inplace=[^)]+\)"), "it saves memory, and gives the same"),
    (changed(r"appauthor=False"), "it only matters on Windows"),
    (
        changed(r"(read|stream|token_hex)\([^)]*\)"),
        "how much is taken at a time gives the same in the end",
    ),
    (
        changed(r"\b(False|None|'')") + r".*(None|'')",
        "what is false in one way is false in another",
    ),
    (
        r"\n.*['\"].*\n.*['\"][^a-z]*[A-Z ]{6,}[^a-z]*['\"]",
        "a message in capitals says the same; tests look at its numbers and names",
    ),
    (r"CHECKED", "when runs that diverged are dropped is a matter of time, not of results"),
    (
        r"zeros_like\(None\)|promised / 3|promised \* 2",
        "the loss falls long before the last try; how much is promised matters only at its edge",
    ),
    (r"range\(None\)", "a grid that is a part has its numbers"),
    (r"(?i)'accept-encoding|'l-bfgs-b|'scikit-learn|xEF", "case does not matter here"),
    (r"reshape\(-2", "any negative number stands for what is left"),
    (changed(r"align_corners=False|root=None"), "it is the default, written out"),
    (
        changed(r"[Tt]imeout\([^)]*\)|timeout=\w+"),
        "all that is asked answers sooner, or not at all",
    ),
    (
        r"outcome\.trace\(",
        "it tells one mistake from another; none of those in the table differs by it alone",
    ),
    (changed(r"break_\w+=False"), "None stands for no"),
    (r"textwrap\.fill|161, placeholder", "one letter more or less in a line is as good"),
    (r"rsplit", "the names of the files have one slash before them"),
    (changed(r"device=[\w.'\[\]]+"), "without a GPU there is one device"),
    (r"keep_paths", "paths that nobody asked for are dropped at the end"),
    (r"saved\) \+ 2", "rounded down it is the same"),
    (
        r"\n(raise \w*Error\(|notice\(|return _bad\().*\n|, mirror\)\n.*, None\)|'losses_fn'\)",
        "other words in a message",
    ),
    (r"\nbreak\nreturn|\ncontinue\nbreak", "what would come after it is dropped anyway"),
    (
        r"\n.*noise.*\+=.*\n.*-=|\n.*\+ lengths.*\n.*- lengths|random_update.*\n.*\+=.*\n.*-=",
        "a random direction and its opposite are as likely",
    ),
    (r"Running\(.*\{\}", "a search by random steps has no state and no hyperparameter to drop"),
    (r"unit=|' STEPS'|delay=", "how a bar looks"),
    (r"old_trace", "the tests run without a tracer of their own"),
    (r"\._left < 0", "the limit is a round number; one byte more or less is as good"),
    (r"\n(.*\. )[A-Z](.*)\n\1[a-z]\2$", "a sentence says the same with a small letter"),
    (r"numbers = \[\]\n", "where nothing was raised, nothing is looked for"),
    (r"ITIMER_REAL, 0\)\n.*REAL, 1\)", "the next line puts the timer back"),
    (r"\nsame = .* == .*\nsame = .* != ", "what counts is whether both functions give the same"),
    (r"if points or True", "the loss of no point is NaN"),
    (r"len\(points\) > 2 and", "no minibatch of the scenario has two points"),
    (r"backward_passes\.append\((None|2)\)", "only their number counts"),
]
