"""What a reader is told of mistakes that are made with any update rule."""

MAKES_COPIES = (
    "The parameters are the same after the call as before. Look at the line of the step: "
    "`param - ...` is a new tensor, and `param = ...` only gives it an old name. "
    "The parameter itself has to change, in place."
)
RETURNS_COPIES = (
    "Your function returns new tensors and leaves the parameters themselves as they were. "
    "Change them in place; nothing need be returned."
)
PUTS_COPIES_IN_LIST = (
    "Your function puts new tensors into the list and leaves the parameters of the model as "
    "they were. Change each parameter in place."
)
CLEARS_BEFORE_STEP = (
    "The gradients are erased before the step uses them. Look at the order of zero_grad, "
    "backward and the step."
)
NO_BACKWARD = (
    "There is no gradient where your step needs one. Nothing is in param.grad until backward "
    "has been called on the loss."
)
ASKS_LOSS_FOR_GRADIENT = (
    "You ask the loss for its gradient, and loss.grad is empty. After backward, the gradient "
    "with respect to a parameter lies in that parameter's own .grad."
)
CLEARS_WHAT_IS_NOT_THERE = (
    "Before the very first backward, param.grad is None and cannot be zeroed. zero_grad takes "
    "care of that."
)
RECORDS_STEP = (
    "PyTorch refuses to change a parameter in place while it records operations for the next "
    "backward. Take the step inside a block that switches recording off."
)
FREEZES = (
    "After your first step, PyTorch no longer computes gradients: your function switches "
    "something off for good. A `with` block switches it on again when it ends."
)
REPEATS_BACKWARD = (
    "You call backward more than once. One call computes the gradients of all parameters: make "
    "it before the loop."
)
NEVER_CLEARS = (
    "Gradients pile up: backward adds to what is already in param.grad, so your step contains "
    "the gradients of earlier calls as well. What has to happen before backward?"
)
CLEARS_AT_THE_END = (
    "You clear the gradients after the step only. Whatever is in param.grad before your first "
    "call, say from another loss, enters that step: clear before backward."
)
MOVES_FIRST_ONLY = (
    "Only the first parameter moves. Is there a return or break in the loop, or no loop?"
)
CLEARS_IN_LOOP = (
    "The gradients are erased once the first parameter has moved, so the others stay where "
    "they are. zero_grad clears all of them at once: look at where you call it."
)
MOVES_LAST_ONLY = (
    "Only the last parameter moves. Is the line of the step indented, so that it belongs to "
    "the loop?"
)
FIXED_LR = "Your step does not use the lr that it is given, but a fixed number in its place."
REPLACES = "The parameter is replaced by the step. It should be where it was, plus the step."
