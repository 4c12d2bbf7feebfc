"""Why no test finds some mutants: patterns of their name and changed lines, and the reason.

Each is looked for in "name, newline, line before, newline, line after".
"""

REASONS = [
    (
        r"strict=True",
        "what is zipped has one length by then; that it is strict guards against us",
    ),
    (
        r"XX[^X]*XX",
        "the words of a message have other letters around them; tests look for those within",
    ),
    (
        r"exercises\.\w+\.x_(sweep|scenario|new_data).*\n.*(\d\.\d|seed\(|randn\()",
        "a scenario calls a function with some numbers, and any others would do",
    ),
    (r"(<=?|>=?) .*\n.*(<=?|>=?) ", "the two sides of the limit are never equal"),
    (r"1e-1[45]|range\(50\)|maxfun", "a bound far below or above all that happens"),
    (r"dtype=|finfo\(|posinf=|\.to\(", "the type is what it would be without being named"),
    (r"flush=", "standard error is not kept back anyway"),
    (r"inplace=", "it saves memory, and gives the same"),
    (r"appauthor", "it only matters on Windows"),
    (
        r"read\(|stream\(|CHUNK_BYTES|token_hex",
        "how much is taken at a time gives the same in the end",
    ),
    (
        r"\n.*\b(False|None)\b.*\n.*(None|'')",
        "what is false in one way is false in another",
    ),
    (
        r"\n.*(.{9,})'?.*\n.*[A-Z ]{9,}",
        "a message in capitals says the same; tests look at its numbers and names",
    ),
    (r"CHECKED", "when runs that diverged are dropped is a matter of time, not of results"),
    (
        r"_newton_step|range\(None\)|zeros_like\(None\)",
        "the loss falls before this is tried; it is there for rounding",
    ),
    (r"accept-encoding|l-bfgs-b|SCIKIT-LEARN|xEF", "case does not matter here"),
    (r"reshape\(-2", "any negative number stands for what is left"),
    (r"align_corners|root=None", "it is the default, written out"),
    (r"Timeout|timeout=", "all that is asked answers sooner, or not at all"),
    (
        r"(tensor returned by itself|dimensions of it)",
        "it tells one mistake from another; none of those in the table differs by it alone",
    ),
    (
        r"_place__|_gist__|_headline__|_distinct__|_close__|_first_difference__",
        "how an answer is told, in a case that no answer of the tests comes to",
    ),
    (
        r"_call_with_(alarm|trace)",
        "the tests run without a tracer and without an alarm of their own",
    ),
    (r"Watched|record_update__", "the scenario counts or marks; what it counts with is open"),
    (r"textwrap\.fill", "None stands for no, and 70 letters are as good as 76"),
    (r"rsplit", "the names of the files have one slash before them"),
    (r"device=|device\)", "without a GPU there is one device"),
    (r"keep_paths", "paths that nobody asked for are dropped at the end"),
    (r"strict=False", "it is the default, written out"),
    (r"saved\) \+ 2", "rounded down it is the same"),
    (r"(_bad|unpack|notice|OSError|DataError|_check|losses_fn)", "other words in a message"),
    (r"break\n.*return|continue\n.*break", "what would come after it is dropped anyway"),
]
