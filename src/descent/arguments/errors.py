"""From an error and the arguments that a function was given, an error that says more."""

import dis
import inspect
import sysconfig

import torch

from descent.arguments.describing import describe
from descent.arguments.promises import misfit, promises

OWN = {"descent", "livepage"}
LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})
NOT_FROM_ARGUMENTS = (OSError, MemoryError, ImportError, Warning, torch.cuda.OutOfMemoryError)


def clearer(error, function, documented, args, kwargs):
    """Return an error that tells which argument is wrong; None if the error is clear as it is."""
    if isinstance(error, NOT_FROM_ARGUMENTS) or _says_enough(error.__traceback__):
        return None
    signature = inspect.signature(function)
    try:
        given = signature.bind(*args, **kwargs).arguments
    except TypeError:
        return None  # Python has said which is missing
    given = {name: given[name] for name in given if name != "self"}
    name, kinds = documented.__name__, promises(documented)
    for argument, value in given.items():
        parameter = signature.parameters[argument]
        kind = _kind_of_all(parameter, kinds.get(argument))
        if kind and value is not parameter.default:
            wrong = misfit(value, kind, argument, function.__globals__)
            if wrong:
                return TypeError(f"{name} takes {argument} as {kind}, but {wrong}")
    gist = str(error).strip().partition("\n")[0].rstrip(".") or "it gives no reason"
    told = "; ".join(f"{argument} is {describe(value)}" for argument, value in given.items())
    return ValueError(
        f"{name} cannot work with what it was given: {gist} ({type(error).__name__}). "
        f"Here {told}. See help({name})"
    )


def _kind_of_all(parameter, kind):
    """Return of what kind a parameter is as the function receives it."""
    if kind and parameter.kind is parameter.VAR_POSITIONAL:
        return f"tuple of ({kind})"
    if kind and parameter.kind is parameter.VAR_KEYWORD:
        return f"dict of str to ({kind})"
    return kind


def _says_enough(trace):
    """Tell whether an error was raised by a check of ours, or within a function of the caller."""
    steps = [step.tb_frame for step in _steps(trace)]
    if any(_is_the_callers(frame) for frame in steps):
        return True
    *_, last = _steps(trace)
    code, place = last.tb_frame.f_code, last.tb_lasti
    raised = dis.opname[code.co_code[place]] == "RAISE_VARARGS"
    return raised and _top_level(last.tb_frame) in OWN


def _steps(trace):
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _top_level(frame):
    return frame.f_globals.get("__name__", "__main__").partition(".")[0]


def _is_the_callers(frame):
    if _top_level(frame) in OWN:
        return False
    file = frame.f_code.co_filename
    return _top_level(frame) == "__main__" or not file.startswith(("<", *LIBRARIES))
