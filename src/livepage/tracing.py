"""A PyTorch function as JavaScript: traced once, then written out as statements about numbers.

``make_fx`` notes every operation that a function performs, those of its backward pass too. Here
each tensor of that record becomes a tensor of *labels*, one for each of its numbers. What only
moves numbers about (a view, a slice, a copy into a tensor) is done by PyTorch itself, on the
labels. What computes becomes a statement for each number. Equal statements are written once, and
those that no result needs are left out.
"""

import functools
import math
import operator

import numpy as np
import torch
from torch.fx.experimental.proxy_tensor import make_fx

from livepage.describing import described

# How a number is computed from others: in JavaScript, and in NumPy where all of them are known.
FORMULAS = {
    "abs": ("Math.abs({})", np.abs),
    "acos": ("Math.acos({})", np.arccos),
    "add": ("{} + {}", np.add),
    "asin": ("Math.asin({})", np.arcsin),
    "atan": ("Math.atan({})", np.arctan),
    "atan2": ("Math.atan2({}, {})", np.arctan2),
    "ceil": ("Math.ceil({})", np.ceil),
    "cos": ("Math.cos({})", np.cos),
    "cosh": ("Math.cosh({})", np.cosh),
    "div": ("{} / {}", np.divide),
    "eq": ("+({} === {})", np.equal),
    "exp": ("Math.exp({})", np.exp),
    "expm1": ("Math.expm1({})", np.expm1),
    "floor": ("Math.floor({})", np.floor),
    "ge": ("+({} >= {})", np.greater_equal),
    "gt": ("+({} > {})", np.greater),
    "le": ("+({} <= {})", np.less_equal),
    "log": ("Math.log({})", np.log),
    "log1p": ("Math.log1p({})", np.log1p),
    "lt": ("+({} < {})", np.less),
    "maximum": ("Math.max({}, {})", np.maximum),
    "minimum": ("Math.min({}, {})", np.minimum),
    "mul": ("{} * {}", np.multiply),
    "ne": ("+({} !== {})", np.not_equal),
    "neg": ("-{}", np.negative),
    "pow": ("Math.pow({}, {})", np.power),
    "sgn": ("Math.sign({})", np.sign),
    "sign": ("Math.sign({})", np.sign),
    "sin": ("Math.sin({})", np.sin),
    "sinh": ("Math.sinh({})", np.sinh),
    "sqrt": ("Math.sqrt({})", np.sqrt),
    "sub": ("{} - {}", np.subtract),
    "tan": ("Math.tan({})", np.tan),
    "tanh": ("Math.tanh({})", np.tanh),
    "where": ("{} ? {} : {}", np.where),
}

# Operations of PyTorch that move numbers without changing them.
MOVES = frozenset(
    {
        "_reshape_alias",
        "_unsafe_view",
        "alias",
        "cat",
        "chunk",
        "clone",
        "constant_pad_nd",
        "copy",
        "detach",
        "diagonal",
        "expand",
        "flip",
        "index_select",
        "lift_fresh_copy",
        "movedim",
        "permute",
        "repeat",
        "reshape",
        "roll",
        "select",
        "select_backward",
        "slice",
        "slice_backward",
        "split",
        "split_with_sizes",
        "squeeze",
        "stack",
        "t",
        "transpose",
        "tril",
        "triu",
        "unbind",
        "unsqueeze",
        "view",
        "zero",
    }
)

# Operations whose result is known when the function is traced.
CONSTANTS = frozenset(
    {
        "arange",
        "eye",
        "full",
        "full_like",
        "new_full",
        "new_ones",
        "new_zeros",
        "ones",
        "ones_like",
        "scalar_tensor",
        "zeros",
        "zeros_like",
    }
)


def to_javascript(function, *examples):
    """Return a function of tensors as the source of a JavaScript function.

    Parameters
    ----------
    function : callable
        Takes tensors, returns a tensor or a list or tuple of them. It may change tensors in place
        and call ``backward``, but not choose its way by a value: ``if x > 0`` cannot be traced.
    *examples : torch.Tensor
        One for each argument, of double precision. Only their shapes matter.

    Returns
    -------
    str
        An expression such as ``(x) => {...; return [...];}``. The JavaScript function takes one
        flat array, the numbers of all arguments in order, and returns one, those of all results.

    Raises
    ------
    TypeError
        If an example is no tensor of double precision on the CPU.
    ValueError
        If the function cannot be traced with them.
    NotImplementedError
        If the function performs an operation that has no JavaScript here. The message names it.

    References
    ----------
    Reed et al. (2022), torch.fx: practical program capture and transformation for deep learning in
    Python.
    """
    for number, example in enumerate(examples):
        _check_example(number, example)
    copies = [example.detach().clone() for example in examples]
    try:
        traced = make_fx(_returning_a_list(function))(*copies)
    except Exception as error:
        raise ValueError(
            f"the function cannot be traced: {error or type(error).__name__} (examples of shapes "
            f"{', '.join(str(tuple(example.shape)) for example in examples) or 'none'})"
        ) from error
    program = _Program()
    results = _Interpreter(program, traced).run(examples)
    return program.source([label for part in results for label in part.flatten().tolist()])


def _check_example(number, example):
    if not torch.is_tensor(example):
        raise TypeError(f"argument {number} is to be a tensor, not {described(example)}")
    if example.dtype != torch.float64:
        raise TypeError(
            f"argument {number} is of type {example.dtype}: trace with torch.float64, which is "
            "what JavaScript computes with"
        )
    if example.device.type != "cpu" or example.layout != torch.strided:
        raise TypeError(
            f"argument {number} is on {example.device}, {example.layout}: trace with a dense "
            "tensor on the CPU"
        )


def _returning_a_list(function):
    @functools.wraps(function)
    def call(*tensors):
        result = function(*tensors)
        return [result] if torch.is_tensor(result) else list(result)

    return call


class _Program:
    """Scalars by their labels: constants, inputs, and formulas of other scalars."""

    def __init__(self):
        self.scalars = []
        self.labels = {}
        self.constant(0.0)  # its label is 0, with which PyTorch fills new places, as in a backward

    def _label(self, *scalar):
        """Return the label of a scalar; equal ones share it."""
        if scalar not in self.labels:
            self.labels[scalar] = len(self.scalars)
            self.scalars.append(scalar)
        return self.labels[scalar]

    def constant(self, value):
        # The text tells -0 from 0, and NaN is equal to NaN.
        return self._label("constant", repr(float(value)))

    def input(self, position):
        return self._label("input", position)

    def _value(self, label):
        kind, *rest = self.scalars[label]
        return float(rest[0]) if kind == "constant" else None

    def formula(self, name, *operands):
        """Return the label of a formula of some labels, as simple as can be without rounding."""
        values = [self._value(label) for label in operands]
        if None not in values:
            with np.errstate(all="ignore"):
                return self.constant(FORMULAS[name][1](*values))
        same = self._same(name, operands, values)
        return self._label(name, *operands) if same is None else same

    def _same(self, name, operands, values):
        """Return the operand that a formula is equal to, or None."""
        first, *others = operands
        second = values[1] if others else None
        if name == "mul" and values[0] == 1:
            return others[0]
        if name == "add" and values[0] == 0:
            return others[0]
        neutral = {"mul": 1, "div": 1, "pow": 1, "add": 0, "sub": 0}.get(name)
        if second is not None and second == neutral:
            return first
        if name == "pow" and second == 2:
            return self.formula("mul", first, first)
        return None

    def source(self, results):
        """Return the JavaScript function with these results."""
        names, lines = {}, []
        for label in self._needed(results):
            kind, *rest = self.scalars[label]
            if kind == "constant":
                names[label] = _literal(float(rest[0]))
            elif kind == "input":
                names[label] = f"x[{rest[0]}]"
            else:
                names[label] = f"v{len(lines)}"
                text = FORMULAS[kind][0].format(*(names[operand] for operand in rest))
                lines.append(f"const {names[label]} = {text};")
        returned = ", ".join(names[label] for label in results)
        return "\n".join(["(x) => {", *lines, f"return [{returned}];", "}"])

    def _needed(self, results):
        """Return, in order, the labels that the results are computed from."""
        needed, waiting = set(), list(results)
        while waiting:
            label = waiting.pop()
            if label not in needed:
                needed.add(label)
                kind, *rest = self.scalars[label]
                waiting += rest if kind in FORMULAS else []
        return sorted(needed)


def _literal(value):
    """Return a number as JavaScript reads it, with all its digits."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return repr(value).removesuffix(".0")


class _Interpreter:
    """Runs a traced graph on labels in place of numbers."""

    def __init__(self, program, traced):
        self.program = program
        self.traced = traced
        self.tensors = {}

    def run(self, examples):
        """Return the results of the graph, as tensors of labels."""
        inputs = iter(self._inputs(examples))
        for node in self.traced.graph.nodes:
            if node.op == "placeholder":
                self.tensors[node] = next(inputs)
            elif node.op == "get_attr":
                self.tensors[node] = self._constants(getattr(self.traced, node.target))
            elif node.op == "call_function":
                self.tensors[node] = self._call(node)
            else:
                return [self._looked_up(part) for part in node.args[0]]
        raise AssertionError("a traced graph ends with its output")

    def _inputs(self, examples):
        position = 0
        for example in examples:
            places = range(position, position + example.numel())
            labels = [self.program.input(place) for place in places]
            position += example.numel()
            yield torch.tensor(labels, dtype=torch.int64).reshape(example.shape)

    def _constants(self, values):
        if torch.is_tensor(values):
            labels = [self.program.constant(value) for value in values.flatten().tolist()]
            return torch.tensor(labels, dtype=torch.int64).reshape(values.shape)
        return self._constants(torch.tensor(values, dtype=torch.float64))

    def _looked_up(self, argument):
        return torch.fx.map_arg(argument, lambda node: self.tensors[node])

    def _call(self, node):
        args, kwargs = self._looked_up(node.args), self._looked_up(node.kwargs)
        if node.target is operator.getitem:
            return args[0][args[1]]
        operation = node.target._schema.name.removeprefix("aten::")
        name = operation.removesuffix("_") if node.target._schema.is_mutable else operation
        if name in MOVES or name == "_to_copy":
            _check_move(name, args, kwargs)
            return args[0].clone() if name == "_to_copy" else node.target(*args, **kwargs)
        result = self._compute(name, node, args, kwargs)
        # A change in place is one of the labels, so all views of a tensor see it.
        return args[0].copy_(result) if name != operation else result

    def _compute(self, name, node, args, kwargs):
        if name in CONSTANTS:
            like = [part.double() if torch.is_tensor(part) else part for part in args]
            return self._constants(node.target(*like, **kwargs))
        if name in REDUCTIONS:
            return REDUCTIONS[name](self._formula, *args, **kwargs)
        if name in COMPOSITES:
            return COMPOSITES[name](self._formula, *args, **kwargs)
        if name in FORMULAS and not kwargs:
            return self._formula(name, *args)
        extra = f" with {', '.join(kwargs)}" if kwargs and name in FORMULAS else ""
        raise NotImplementedError(
            f"the operation {node.target}{extra} has no JavaScript: write the function without it, "
            "or add it to livepage.tracing"
        )

    def _formula(self, name, *operands):
        """Return a formula for each number of tensors that broadcast; numbers are constants."""
        tensors = [part if torch.is_tensor(part) else self._constants(part) for part in operands]
        tensors = torch.broadcast_tensors(*tensors)
        rows = zip(*(part.flatten().tolist() for part in tensors), strict=True)
        labels = [self.program.formula(name, *row) for row in rows]
        return torch.tensor(labels, dtype=torch.int64).reshape(tensors[0].shape)


def _check_move(name, args, kwargs):
    if name == "constant_pad_nd" and len(args) > 2 and args[2] != 0:
        raise NotImplementedError("constant_pad_nd has JavaScript only for padding with zeros")
    if kwargs.get("dtype") not in (None, torch.float64):
        raise NotImplementedError(
            f"{name} to {kwargs['dtype']} has no JavaScript: compute with torch.float64 throughout"
        )


# ---- Operations that are several formulas


def _add(f, one, other, alpha=1):
    return f("add", one, f("mul", other, alpha))


def _sub(f, one, other, alpha=1):
    return f("sub", one, f("mul", other, alpha))


def _lerp(f, start, end, weight):
    difference = f("sub", end, start)
    near_start = f("add", start, f("mul", weight, difference))
    near_end = f("sub", end, f("mul", difference, f("sub", 1.0, weight)))
    return f("where", f("lt", f("abs", weight), 0.5), near_start, near_end)


def _logaddexp(f, one, other):
    larger, gap = f("maximum", one, other), f("neg", f("abs", f("sub", one, other)))
    return f("add", larger, f("log1p", f("exp", gap)))


def _sigmoid(f, value):
    return f("div", 1.0, f("add", 1.0, f("exp", f("neg", value))))


def _clamp(f, value, low=None, high=None):
    value = value if low is None else f("maximum", value, low)
    return value if high is None else f("minimum", value, high)


def _product_of_gradient(f, gradient, *factors):
    return functools.reduce(lambda product, factor: f("mul", product, factor), factors, gradient)


COMPOSITES = {
    "add": _add,
    "addcdiv": lambda f, start, one, other, value=1: f(
        "add", start, f("mul", value, f("div", one, other))
    ),
    "addcmul": lambda f, start, one, other, value=1: f(
        "add", start, f("mul", f("mul", one, other), value)
    ),
    "clamp": _clamp,
    "clamp_min": _clamp,
    "clamp_max": lambda f, value, high: _clamp(f, value, None, high),
    "exp2": lambda f, value: f("pow", 2.0, value),
    "fill": lambda f, _, value: f("add", value, 0.0),
    "lerp": _lerp,
    "logaddexp": _logaddexp,
    "logical_not": lambda f, value: f("eq", value, 0.0),
    "reciprocal": lambda f, value: f("div", 1.0, value),
    "relu": lambda f, value: f("maximum", value, 0.0),
    "rsqrt": lambda f, value: f("div", 1.0, f("sqrt", value)),
    "rsub": lambda f, one, other, alpha=1: _sub(f, other, one, alpha),
    "sigmoid": _sigmoid,
    "sigmoid_backward": lambda f, gradient, out: _product_of_gradient(
        f, gradient, f("sub", 1.0, out), out
    ),
    "square": lambda f, value: f("mul", value, value),
    "sub": _sub,
    "tanh_backward": lambda f, gradient, out: f("mul", gradient, f("sub", 1.0, f("mul", out, out))),
    "threshold_backward": lambda f, gradient, value, threshold: f(
        "where", f("gt", value, threshold), gradient, 0.0
    ),
}


# ---- Operations that add numbers up


def _sum(f, values, dims=None, keepdim=False, **_):
    dims = [dim % values.dim() for dim in dims or range(values.dim())]
    total = values
    for dim in dims:
        parts = total.split(1, dim) if total.shape[dim] else [total.sum(dim, keepdim=True)]
        total = functools.reduce(lambda one, other: f("add", one, other), parts)
    for dim in sorted(dims, reverse=True):
        total = total if keepdim else total.squeeze(dim)
    return total


def _mean(f, values, dims=None, keepdim=False, **_):
    total = _sum(f, values, dims, keepdim)
    return f("div", total, float(values.numel() / max(1, total.numel())))


def _matrix_product(f, one, other):
    """Return the product of (..., n, k) and (..., k, m)."""
    return _sum(f, f("mul", one[..., None], other[..., None, :, :]), [-2])


REDUCTIONS = {
    "addmm": lambda f, start, one, other: f("add", start, _matrix_product(f, one, other)),
    "bmm": _matrix_product,
    "dot": lambda f, one, other: _sum(f, f("mul", one, other)),
    "mean": _mean,
    "mm": _matrix_product,
    "mv": lambda f, matrix, vector: _sum(f, f("mul", matrix, vector), [-1]),
    "sum": _sum,
}
