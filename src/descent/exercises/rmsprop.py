"""Exercise 7: one step of RMSprop on every parameter."""

import torch

from descent.exercises import wording
from descent.exercises.checking import Exercise, Mistake
from descent.exercises.updates import SHAPES, SWEEP_SHAPES, draw, new_params, record_update
from descent.optimizers import rmsprop_update, zero_grad

# All are exact in single precision too, so a float32 tensor of one is right. Epsilon is large, so
# that it matters on which side of the root it stands.
CALLS = (
    {"lr": 0.125, "alpha": 0.75, "epsilon": 0.5},
    {"lr": 0.375, "alpha": 0.625, "epsilon": 0.25},
)


def scenario(function, outcome):
    """Take two steps from a state of zero, then two from old gradients and an old state."""
    for is_late, start in ((False, ""), (True, " after earlier steps")):
        params = new_params(with_gradients=is_late)
        grad_sq = [state.square() * is_late for state in draw(SHAPES, seed=5)]
        for number, settings in enumerate(CALLS, start=1):
            named = ", ".join(f"{name}={value}" for name, value in settings.items())
            call = f"call {number}{start} ({named})"
            record_update(outcome, call, function, params, grad_sq, **settings)
            for index, state in enumerate(grad_sq):
                outcome.trace(f"grad_sq[{index}] after {call}", state)


def sweep(function, outcome):
    """Take two steps of four runs at once, each with settings of its own."""
    params = new_params(SWEEP_SHAPES)
    grad_sq = [torch.zeros_like(param) for param in params]
    rows = {
        "lr": [0.0625, 0.125, 0.25, 0.375],
        "alpha": [0.0, 0.5, 0.75, 0.875],
        "epsilon": [0.5, 0.25, 0.125, 0.0625],
    }
    settings = {
        name: torch.tensor(row, dtype=torch.float64).reshape(4, 1, 1) for name, row in rows.items()
    }
    for number in (1, 2):
        record_update(outcome, f"call {number}", function, params, grad_sq, **settings)


# ---- Wrong functions. Most are right but for the state or the step, and are built from that alone.


def right_state(s, g, alpha):
    """Return the running mean of the squared gradient."""
    return alpha * s + (1 - alpha) * g.square()


def right_step(g, s, lr, epsilon):
    """Return what is subtracted from a parameter."""
    return lr * g / (s + epsilon).sqrt()


def after_backward(walk):
    """Return an update that ends with ``walk(params, grad_sq, lr, alpha, epsilon)``."""

    def update(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
        zero_grad(params)
        loss.backward()
        return walk(params, grad_sq, lr, alpha, epsilon)

    return update


def walk_right(params, grad_sq, lr, alpha, epsilon, state=right_state, step=right_step):
    """Change states and parameters in place, from whatever gradients there are."""
    with torch.no_grad():
        for param, s in zip(params, grad_sq, strict=True):
            s.copy_(state(s, param.grad, alpha))
            param -= step(param.grad, s, lr, epsilon)


def keeping(state):
    """Return an update whose new state is ``state(s, g, alpha)``."""
    return after_backward(lambda *given: walk_right(*given, state=state))


def stepping(step):
    """Return an update that subtracts ``step(g, s, lr, epsilon)``."""
    return after_backward(lambda *given: walk_right(*given, step=step))


def _updates_states(params, grad_sq, alpha):
    for param, s in zip(params, grad_sq, strict=True):
        s.copy_(right_state(s, param.grad, alpha))


def _returns_copies(params, grad_sq, lr, alpha, epsilon):
    _updates_states(params, grad_sq, alpha)
    return [
        param - right_step(param.grad, s, lr, epsilon)
        for param, s in zip(params, grad_sq, strict=True)
    ]


def _assigns_copies(*given):
    _returns_copies(*given)


def _puts_copies_in_list(params, *given):
    params[:] = _returns_copies(params, *given)


def _records_each_step(params, grad_sq, lr, alpha, epsilon):
    for param, s in zip(params, grad_sq, strict=True):
        s.copy_(right_state(s, param.grad, alpha))
        param -= right_step(param.grad, s, lr, epsilon)


def _records_step_in_view(params, grad_sq, lr, alpha, epsilon):
    for param, s in zip(params, grad_sq, strict=True):
        s.copy_(right_state(s, param.grad, alpha))
        param[:] -= right_step(param.grad, s, lr, epsilon)


def _freezes(params, *given):
    for param in params:
        param.requires_grad_(False)
    walk_right(params, *given)


def _forgets_state(params, grad_sq, *given):
    walk_right(params, [s.clone() for s in grad_sq], *given)


def _steps_before_state(params, grad_sq, lr, alpha, epsilon):
    with torch.no_grad():
        for param, s in zip(params, grad_sq, strict=True):
            param -= right_step(param.grad, s, lr, epsilon)
            s.copy_(right_state(s, param.grad, alpha))


def _shares_state(params, grad_sq, *given):
    walk_right(params, [grad_sq[0]] * len(params), *given)


def _replaces(params, grad_sq, lr, alpha, epsilon):
    with torch.no_grad():
        for param, s in zip(params, grad_sq, strict=True):
            s.copy_(right_state(s, param.grad, alpha))
            param.copy_(-right_step(param.grad, s, lr, epsilon))


def _takes_list_for_tensor(params, grad_sq, lr, alpha, epsilon):
    grad_sq = alpha * grad_sq


def _takes_params_for_tensor(params, grad_sq, lr, alpha, epsilon):
    params.grad.square()


def _clears_in_loop(params, grad_sq, *given):
    for param, s in zip(params, grad_sq, strict=True):
        walk_right([param], [s], *given)
        zero_grad(params)


def _puts_mean_in_place_of_gradient(params, grad_sq, lr, alpha, epsilon):
    with torch.no_grad():
        for param, m in zip(params, grad_sq, strict=True):
            m.mul_(alpha).add_((1 - alpha) * param.grad)
            param -= lr * param.grad / (m.square() + epsilon).sqrt()


def _moves_by_velocity(params, grad_sq, lr, alpha, epsilon):
    with torch.no_grad():
        for param, v in zip(params, grad_sq, strict=True):
            v.mul_(alpha).sub_(lr * param.grad)
            param += v


def _moves_by_mean_gradient(params, grad_sq, lr, alpha, epsilon):
    with torch.no_grad():
        for param, m in zip(params, grad_sq, strict=True):
            m.mul_(alpha).add_((1 - alpha) * param.grad)
            param -= lr * m


def _never_clears(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    loss.backward()
    walk_right(params, grad_sq, lr, alpha, epsilon)


def _clears_at_the_end(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    _never_clears(loss, params, grad_sq, lr, alpha, epsilon)
    zero_grad(params)


def _clears_before_step(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    loss.backward()
    zero_grad(params)
    walk_right(params, grad_sq, lr, alpha, epsilon)


def _only_steps(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    with torch.no_grad():
        for param, s in zip(params, grad_sq, strict=True):
            s.mul_(alpha).add_((1 - alpha) * param.grad**2)


def _only_steps_by_method(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    walk_right(params, grad_sq, lr, alpha, epsilon)


def _repeats_backward(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    zero_grad(params)
    for param, s in zip(params, grad_sq, strict=True):
        loss.backward()
        walk_right([param], [s], lr, alpha, epsilon)


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
        (_only_steps, _only_steps_by_method),
    ),
    Mistake(
        "params and grad_sq are lists, with one tensor for each parameter. Take their tensors in "
        "pairs, one pair at a time.",
        (after_backward(_takes_list_for_tensor), after_backward(_takes_params_for_tensor)),
    ),
    Mistake(
        wording.RECORDS_STEP,
        (
            after_backward(_records_each_step),
            after_backward(_records_step_in_view),
        ),
    ),
    Mistake(
        wording.FREEZES,
        (after_backward(_freezes),),
    ),
    Mistake(
        wording.REPEATS_BACKWARD,
        (_repeats_backward,),
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
        (
            after_backward(
                lambda params, grad_sq, *rest: walk_right(params[:1], grad_sq[:1], *rest)
            ),
        ),
    ),
    Mistake(
        wording.MOVES_LAST_ONLY,
        (
            after_backward(
                lambda params, grad_sq, *rest: walk_right(params[-1:], grad_sq[-1:], *rest)
            ),
        ),
    ),
    Mistake(
        wording.CLEARS_IN_LOOP,
        (after_backward(_clears_in_loop),),
    ),
    Mistake(
        "All parameters share one running mean. Each has its own tensor in grad_sq: go through "
        "both lists in pairs.",
        (after_backward(_shares_state),),
    ),
    Mistake(
        "The running mean is not stored: the next call finds the old one. `mean_square = ...` only "
        "gives a name to a new tensor. Change the tensor that lies in grad_sq, in place.",
        (after_backward(_forgets_state),),
    ),
    Mistake(
        "Epsilon is outside the square root. That is how PyTorch's RMSprop does it; here it is "
        "inside: the root of the sum of mean square and epsilon.",
        (stepping(lambda g, s, lr, epsilon: lr * g / (s.sqrt() + epsilon)),),
    ),
    Mistake(
        "Epsilon is added to the step and not to the denominator. Where are parentheses missing?",
        (
            stepping(lambda g, s, lr, epsilon: lr * g / s.sqrt() + epsilon),
            stepping(lambda g, s, lr, epsilon: lr * g / s + epsilon),
        ),
    ),
    Mistake(
        "Your step does not use the epsilon that it is given.",
        (
            stepping(lambda g, s, lr, epsilon: lr * g / s.sqrt()),
            stepping(lambda g, s, lr, epsilon: lr * g / (s + 1e-8).sqrt()),
            stepping(lambda g, s, lr, epsilon: lr * g / (s.sqrt() + 1e-8)),
        ),
    ),
    Mistake(
        "Your step divides by the mean square itself. Divide by its square root: only then is the "
        "step as large whatever unit the loss is measured in.",
        (
            stepping(lambda g, s, lr, epsilon: lr * g / (s + epsilon)),
            stepping(lambda g, s, lr, epsilon: lr * g / s),
        ),
    ),
    Mistake(
        "Your step divides by the square of the mean square. Divide by its square root.",
        (
            stepping(lambda g, s, lr, epsilon: lr * g / (s + epsilon).square()),
            stepping(lambda g, s, lr, epsilon: lr * g / (s.square() + epsilon).sqrt()),
        ),
    ),
    Mistake(
        "Your step multiplies by the root instead of dividing by it: where gradients are large, it "
        "becomes larger still.",
        (stepping(lambda g, s, lr, epsilon: lr * g * (s + epsilon).sqrt()),),
    ),
    Mistake(
        "Your step is plain gradient descent: the running mean is not used. Divide by its root.",
        (stepping(lambda g, s, lr, epsilon: lr * g),),
    ),
    Mistake(
        "The gradient is missing in your step: it has the learning rate and the root alone.",
        (stepping(lambda g, s, lr, epsilon: lr / (s + epsilon).sqrt()),),
    ),
    Mistake(
        "Your step goes along the running mean of the squares, which has no sign. Above the root "
        "stands the gradient itself.",
        (stepping(lambda g, s, lr, epsilon: lr * s / (s + epsilon).sqrt()),),
    ),
    Mistake(
        "Your step uses the square of the gradient above the root, which has lost its sign.",
        (stepping(lambda g, s, lr, epsilon: lr * g.square() / (s + epsilon).sqrt()),),
    ),
    Mistake(
        "Your step goes uphill: it adds the rescaled gradient instead of subtracting it.",
        (stepping(lambda g, s, lr, epsilon: -right_step(g, s, lr, epsilon)),),
    ),
    Mistake(
        "Your step does not use the lr that it is given.",
        tuple(
            stepping(lambda g, s, lr, epsilon, fixed=fixed: right_step(g, s, fixed, epsilon))
            for fixed in (1, 1e-3, 1e-2)
        ),
    ),
    Mistake(
        "Your step divides by the learning rate: the smaller lr, the longer the step. It should be "
        "the other way round.",
        (stepping(lambda g, s, lr, epsilon: right_step(g, s, 1 / lr, epsilon)),),
    ),
    Mistake(
        wording.REPLACES,
        (after_backward(_replaces),),
    ),
    Mistake(
        "Your step uses the old running mean. Update grad_sq first, then take the step with the "
        "new one.",
        (after_backward(_steps_before_state),),
    ),
    Mistake(
        "The new square enters the running mean with full weight. In a mean the weights add up to "
        "one: alpha for the old value, and for the new one what is left.",
        (keeping(lambda s, g, alpha: alpha * s + g.square()),),
    ),
    Mistake(
        "alpha and 1 - alpha are swapped: alpha is the share of the old running mean that is kept.",
        (keeping(lambda s, g, alpha: (1 - alpha) * s + alpha * g.square()),),
    ),
    Mistake(
        "Your running mean is a sum of all squares, as in Adagrad: it never forgets, and the steps "
        "shrink for ever. Keep the share alpha of the old value.",
        (
            keeping(lambda s, g, alpha: s + g.square()),
            keeping(lambda s, g, alpha: s + (1 - alpha) * g.square()),
        ),
    ),
    Mistake(
        "The old running mean gets lost: only the newest gradient counts. Keep the share alpha of "
        "the old value.",
        (
            keeping(lambda s, g, alpha: g.square()),
            keeping(lambda s, g, alpha: (1 - alpha) * g.square()),
        ),
    ),
    Mistake(
        "The gradient enters the running mean without being squared. Positive and negative "
        "gradients then cancel, and a negative mean has no root.",
        (
            keeping(lambda s, g, alpha: alpha * s + (1 - alpha) * g),
            keeping(lambda s, g, alpha: alpha * s + (1 - alpha) * g.abs()),
        ),
    ),
    Mistake(
        "You square the mean instead of averaging the squares. Square each gradient first, then "
        "average: else gradients of different sign cancel.",
        (
            after_backward(_puts_mean_in_place_of_gradient),
            keeping(lambda s, g, alpha: (alpha * s + (1 - alpha) * g).square()),
            keeping(lambda s, g, alpha: alpha * s + ((1 - alpha) * g).square()),
        ),
    ),
    Mistake(
        "Your running mean is that of one number for the whole tensor. RMSprop keeps one for each "
        "parameter: square entry by entry, without a sum or a norm.",
        (
            keeping(lambda s, g, alpha: alpha * s + (1 - alpha) * g.square().sum()),
            keeping(lambda s, g, alpha: alpha * s + (1 - alpha) * g.square().mean()),
            keeping(lambda s, g, alpha: alpha * s + (1 - alpha) * g.norm()),
        ),
    ),
    Mistake(
        "Your function does not use the alpha that it is given.",
        tuple(
            keeping(lambda s, g, alpha, fixed=fixed: right_state(s, g, fixed))
            for fixed in (0.8, 0.9, 0.99)
        ),
    ),
    Mistake(
        "This is a step with momentum: it averages gradients. RMSprop averages their squares, and "
        "divides by the root of that.",
        (after_backward(_moves_by_velocity), after_backward(_moves_by_mean_gradient)),
    ),
)

exercise_7 = Exercise(
    number=7,
    reference=rmsprop_update,
    scenario=scenario,
    mistakes=MISTAKES,
    sweep=sweep,
)
