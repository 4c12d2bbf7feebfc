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
]
