"""Exercise 3: one step of gradient descent on every parameter."""

import torch

from descent.exercises import wording
from descent.exercises.checking import Exercise, Mistake
from descent.exercises.updates import SWEEP_SHAPES, new_params, record_update
from descent.optimizers import gradient_update, zero_grad


def scenario(function, outcome):
    """Take two steps from fresh parameters, then two from parameters with old gradients."""
    # Both learning rates are exact in single precision too, so a float32 tensor of one is right.
    for with_gradients, start in ((False, ""), (True, " after another loss's backward")):
        params = new_params(with_gradients=with_gradients)
        for number, lr in enumerate((0.125, 0.375), start=1):
            call = f"call {number}{start} (lr={lr})"
            record_update(outcome, call, function, params, lr=lr)


def sweep(function, outcome):
    """Take two steps of four runs at once, each with a learning rate of its own."""
    params = new_params(SWEEP_SHAPES)
    lr = torch.tensor([0.0625, 0.125, 0.25, 0.375], dtype=torch.float64).reshape(4, 1, 1)
    for number in (1, 2):
        record_update(outcome, f"call {number}", function, params, lr=lr)


# ---- Wrong functions. Most are right up to the step, and are built from the step alone.


def after_backward(step):
    """Return an update that ends with ``step(params, lr)``, once the gradients are there."""

    def update(loss, params, lr=1e-3):
        zero_grad(params)
        loss.backward()
        return step(params, lr)

    return update


def subtracting(change):
    """Return an update that subtracts ``change(param, lr)`` from every parameter."""

    def step(params, lr):
        with torch.no_grad():
            for param in params:
                param -= change(param, lr)

    return after_backward(step)


def descend(params, lr):
    """Take the right step, from whatever gradients there are."""
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad


def _assigns_copies(params, lr):
    for param in params:
        param = param - lr * param.grad


def _returns_copies(params, lr):
    return [param - lr * param.grad for param in params]


def _puts_copies_in_list(params, lr):
    params[:] = _returns_copies(params, lr)


def _records_step(params, lr):
    for param in params:
        param -= lr * param.grad


def _records_step_in_view(params, lr):
    for param in params:
        param[:] -= lr * param.grad


def _freezes(params, lr):
    for param in params:
        param.requires_grad_(False)
    descend(params, lr)


def _takes_list_for_tensor(params, lr):
    params -= lr * params.grad


def _replaces(params, lr):
    with torch.no_grad():
        for param in params:
            param.copy_(-lr * param.grad)


def _normalises_all(params, lr):
    descend(params, lr / sum(param.grad.square().sum() for param in params).sqrt())


def _never_clears(loss, params, lr=1e-3):
    loss.backward()
    descend(params, lr)


def _clears_at_the_end(loss, params, lr=1e-3):
    _never_clears(loss, params, lr)
    zero_grad(params)


def _clears_before_step(loss, params, lr=1e-3):
    loss.backward()
    zero_grad(params)
    descend(params, lr)


def _clears_in_loop(params, lr):
    for param in params:
        descend([param], lr)
        zero_grad(params)


def _clears_what_is_not_there(loss, params, lr=1e-3):
    for param in params:
        param.grad.zero_()


def _only_clears(loss, params, lr=1e-3):
    zero_grad(params)


def _only_steps(loss, params, lr=1e-3):
    descend(params, lr)


def _only_steps_by_method(loss, params, lr=1e-3):
    with torch.no_grad():
        for param in params:
            param.add_(param.grad, alpha=-lr)


def _asks_loss_for_gradient(loss, params, lr=1e-3):
    after_backward(lambda params, lr: lr * loss.grad)(loss, params, lr)


def _subtracts_loss(loss, params, lr=1e-3):
    subtracting(lambda param, lr: lr * loss)(loss, params, lr)


def _repeats_backward(loss, params, lr=1e-3):
    zero_grad(params)
    for param in params:
        loss.backward()
        descend([param], lr)


def _repeats_backward_with_graph(loss, params, lr=1e-3):
    zero_grad(params)
    for param in params:
        loss.backward(retain_graph=True)
        descend([param], lr)


def _repeats_backward_past_autograd(loss, params, lr=1e-3):
    zero_grad(params)
    for param in params:
        loss.backward(retain_graph=True)
        param.data -= lr * param.grad


# Some rows agree in all values, as those that move no parameter do, and only differ in traces. Of
# these the most general comes first: it is what a reader with other traces is told.
MISTAKES = (
    Mistake(
        wording.MAKES_COPIES,
        (after_backward(_assigns_copies),),
    ),
    Mistake(
        wording.RETURNS_COPIES,
        (after_backward(_returns_copies),),
    ),
    Mistake(
        wording.PUTS_COPIES_IN_LIST,
        (after_backward(_puts_copies_in_list),),
    ),
    Mistake(
        wording.CLEARS_BEFORE_STEP,
        (_clears_before_step,),
    ),
    Mistake(
        wording.NO_BACKWARD,
        (_only_clears, _only_steps, _only_steps_by_method),
    ),
    Mistake(
        wording.ASKS_LOSS_FOR_GRADIENT,
        (_asks_loss_for_gradient,),
    ),
    Mistake(
        wording.CLEARS_WHAT_IS_NOT_THERE,
        (_clears_what_is_not_there,),
    ),
    Mistake(
        "params is a list, which has no gradient of its own. Take its tensors one at a time.",
        (after_backward(_takes_list_for_tensor),),
    ),
    Mistake(
        wording.RECORDS_STEP,
        (after_backward(_records_step), after_backward(_records_step_in_view)),
    ),
    Mistake(
        wording.FREEZES,
        (after_backward(_freezes),),
    ),
    Mistake(
        wording.REPEATS_BACKWARD,
        (_repeats_backward, _repeats_backward_with_graph, _repeats_backward_past_autograd),
    ),
    Mistake(
        wording.NEVER_CLEARS,
        (_never_clears,),
    ),
    Mistake(
        wording.CLEARS_AT_THE_END,
        (_clears_at_the_end,),
    ),
    Mistake(
        wording.MOVES_FIRST_ONLY,
        (after_backward(lambda params, lr: descend(params[:1], lr)),),
    ),
    Mistake(
        wording.CLEARS_IN_LOOP,
        (after_backward(_clears_in_loop),),
    ),
    Mistake(
        wording.MOVES_LAST_ONLY,
        (after_backward(lambda params, lr: descend(params[-1:], lr)),),
    ),
    Mistake(
        "Your step goes uphill: it adds the gradient instead of subtracting it.",
        (subtracting(lambda param, lr: -lr * param.grad),),
    ),
    Mistake(
        "Your step has the same length whatever the learning rate: lr is not used.",
        (subtracting(lambda param, lr: param.grad),),
    ),
    Mistake(
        wording.FIXED_LR,
        tuple(
            subtracting(lambda param, lr, fixed=fixed: fixed * param.grad)
            for fixed in (0.001, 0.01, 0.1, 0.5)
        ),
    ),
    Mistake(
        "Your step divides the gradient by the learning rate: the smaller lr, the longer the step. "
        "It should be the other way round.",
        (subtracting(lambda param, lr: param.grad / lr),),
    ),
    Mistake(
        "Your step subtracts the learning rate alone. Where is the gradient?",
        (subtracting(lambda param, lr: lr),),
    ),
    Mistake(
        "Your step subtracts the loss itself. What it needs is the loss's gradient with respect "
        "to the parameter.",
        (_subtracts_loss,),
    ),
    Mistake(
        "Your step multiplies by the parameter too. It is the learning rate times the gradient, "
        "nothing more.",
        (
            subtracting(lambda param, lr: lr * param * param.grad),
            subtracting(lambda param, lr: lr * param),
        ),
    ),
    Mistake(
        wording.REPLACES,
        (after_backward(_replaces),),
    ),
    Mistake(
        "Your step has the gradient's direction but not its length: do not divide by its norm.",
        (
            subtracting(lambda param, lr: lr * param.grad / param.grad.norm()),
            after_backward(_normalises_all),
        ),
    ),
    Mistake(
        "Your step uses only the sign of the gradient. Its size matters as well.",
        (subtracting(lambda param, lr: lr * param.grad.sign()),),
    ),
    Mistake(
        "Your step uses the square of the gradient, which has lost its sign.",
        (subtracting(lambda param, lr: lr * param.grad.square()),),
    ),
)

exercise_3 = Exercise(
    number=3,
    reference=gradient_update,
    scenario=scenario,
    mistakes=MISTAKES,
    sweep=sweep,
)
