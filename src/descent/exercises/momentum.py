"""Exercise 4: one step of the heavy ball on every parameter."""

import torch

from descent.exercises import wording
from descent.exercises.checking import Exercise, Mistake
from descent.exercises.updates import SHAPES, SWEEP_SHAPES, draw, new_params, record_update
from descent.optimizers import momentum_update, zero_grad

# All are exact in single precision too, so a float32 tensor of one is right.
CALLS = (
    {"lr": 0.125, "beta": 0.75},
    {"lr": 0.0625, "beta": 0.625},
    {"lr": 0.1875, "beta": 0.375},
)


def scenario(function, outcome):
    """Take three steps from rest, then three from old gradients and with an old velocity."""
    for moving, start in ((False, "from rest"), (True, "while moving")):
        params = new_params(with_gradients=moving)
        grad_vel = [moving * velocity for velocity in draw(SHAPES, seed=5)]
        for number, settings in enumerate(CALLS, start=1):
            named = ", ".join(f"{name}={value}" for name, value in settings.items())
            call = f"call {number} {start} ({named})"
            record_update(outcome, call, function, params, grad_vel, **settings)
            for index, velocity in enumerate(grad_vel):
                outcome.note(f"grad_vel[{index}] after {call}", velocity)


def sweep(function, outcome):
    """Take two steps of four runs at once, each with settings of its own."""
    params = new_params(SWEEP_SHAPES)
    grad_vel = [torch.zeros_like(param) for param in params]
    rows = {"lr": [0.0625, 0.125, 0.25, 0.375], "beta": [0.0, 0.5, 0.75, 0.875]}
    settings = {
        name: torch.tensor(row, dtype=torch.float64).reshape(4, 1, 1) for name, row in rows.items()
    }
    for number in (1, 2):
        record_update(outcome, f"call {number}", function, params, grad_vel, **settings)


# ---- Wrong functions. Most are right but for the velocity or the step, and are built from that.


def right_velocity(v, g, lr, beta):
    """Return the new velocity."""
    return beta * v - lr * g


def after_backward(walk):
    """Return an update that ends with ``walk(params, grad_vel, lr, beta)``."""

    def update(loss, params, grad_vel, lr=1e-3, beta=0.8):
        zero_grad(params)
        loss.backward()
        return walk(params, grad_vel, lr, beta)

    return update


def walk_right(params, grad_vel, lr, beta, velocity=right_velocity, step=None):
    """Change velocities and parameters in place, from whatever gradients there are.

    ``velocity(v, g, lr, beta)`` is the new velocity and ``step(old, v, g, lr, beta)`` is added to
    the parameter, by default the velocity.
    """
    with torch.no_grad():
        for param, v in zip(params, grad_vel, strict=True):
            old = v.clone()
            v.copy_(velocity(old, param.grad, lr, beta))
            param += step(old, v, param.grad, lr, beta) if step else v


def keeping(velocity, step=None):
    """Return an update with another velocity, and perhaps another step."""
    return after_backward(lambda *given: walk_right(*given, velocity=velocity, step=step))


def stepping(step):
    """Return an update with the right velocity that adds ``step(old, v, g, lr, beta)``."""
    return keeping(right_velocity, step)


def _assigns_copies(params, grad_vel, lr, beta):
    for param, v in zip(params, grad_vel, strict=True):
        v.mul_(beta).sub_(lr * param.grad)
        param = param + v


def _returns_copies(params, grad_vel, lr, beta):
    moved = []
    for param, v in zip(params, grad_vel, strict=True):
        v.mul_(beta).sub_(lr * param.grad)
        moved.append(param + v)
    return moved


def _forgets_velocity(params, grad_vel, lr, beta):
    with torch.no_grad():
        for param, v in zip(params, grad_vel, strict=True):
            param += right_velocity(v, param.grad, lr, beta)


def _stops_after_step(params, grad_vel, lr, beta):
    walk_right(params, grad_vel, lr, beta)
    for v in grad_vel:
        v.zero_()


def _keeps_velocity_on_parameter(params, grad_vel, lr, beta):
    with torch.no_grad():
        for param, v in zip(params, grad_vel, strict=True):
            param.kept = right_velocity(getattr(param, "kept", v), param.grad, lr, beta)
            param += param.kept


def _records_step(params, grad_vel, lr, beta):
    for param, v in zip(params, grad_vel, strict=True):
        v.mul_(beta).sub_(lr * param.grad)
        param += v


def _records_step_in_view(params, grad_vel, lr, beta):
    for param, v in zip(params, grad_vel, strict=True):
        v.mul_(beta).sub_(lr * param.grad)
        param[:] += v


def _takes_lists_for_tensors(params, grad_vel, lr, beta):
    grad_vel = beta * grad_vel - lr * params.grad


def _shares_velocity(params, grad_vel, lr, beta):
    walk_right(params, [grad_vel[0]] * len(params), lr, beta)


def _replaces(params, grad_vel, lr, beta):
    with torch.no_grad():
        for param, v in zip(params, grad_vel, strict=True):
            v.copy_(right_velocity(v, param.grad, lr, beta))
            param.copy_(v)


def _never_clears(loss, params, grad_vel, lr=1e-3, beta=0.8):
    loss.backward()
    walk_right(params, grad_vel, lr, beta)


def _clears_at_the_end(loss, params, grad_vel, lr=1e-3, beta=0.8):
    _never_clears(loss, params, grad_vel, lr, beta)
    zero_grad(params)


def _clears_before_step(loss, params, grad_vel, lr=1e-3, beta=0.8):
    loss.backward()
    zero_grad(params)
    walk_right(params, grad_vel, lr, beta)


def _clears_what_is_not_there(loss, params, grad_vel, lr=1e-3, beta=0.8):
    for param in params:
        param.grad.zero_()


def _only_steps(loss, params, grad_vel, lr=1e-3, beta=0.8):
    walk_right(params, grad_vel, lr, beta)


def _only_steps_by_method(loss, params, grad_vel, lr=1e-3, beta=0.8):
    for param, v in zip(params, grad_vel, strict=True):
        v.mul_(beta).add_(param.grad, alpha=-lr)


def _asks_loss_for_gradient(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    for v in grad_vel:
        v.mul_(beta).sub_(lr * loss.grad)


def _repeats_backward(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    for param, v in zip(params, grad_vel, strict=True):
        loss.backward()
        walk_right([param], [v], lr, beta)


def _repeats_backward_with_graph(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    for param, v in zip(params, grad_vel, strict=True):
        loss.backward(retain_graph=True)
        walk_right([param], [v], lr, beta)


# Some rows agree in all values and only differ in traces. Of these the most general comes first: it
# is what a reader with other traces is told.
MISTAKES = (
    Mistake(
        "The velocity is right, but the parameters are the same after the call as before. "
        "`param = ...` only gives the name to a new tensor. Add the velocity to the parameter "
        "itself, in place.",
        (after_backward(_assigns_copies),),
    ),
    Mistake(
        "Your function returns new tensors and leaves the parameters as they were. Change them in "
        "place; nothing need be returned.",
        (after_backward(_returns_copies),),
    ),
    Mistake(
        "grad_vel is the same after the call as before, so your ball forgets its velocity. "
        "`velocity = ...` names a new tensor: change the one that is there, in place.",
        (after_backward(_forgets_velocity),),
    ),
    Mistake(
        "The velocity is zero after each call, so your ball forgets how fast it was. Leave in "
        "grad_vel what the next call needs.",
        (after_backward(_stops_after_step),),
    ),
    Mistake(
        "The parameters move rightly, but the velocity is not in grad_vel. Keep it there: the "
        "caller owns it, and may start another run with another.",
        (after_backward(_keeps_velocity_on_parameter),),
    ),
    Mistake(
        "This is plain gradient descent: your step uses no velocity. Add the velocity to the "
        "parameter, not the gradient step.",
        (
            keeping(lambda v, g, lr, beta: -lr * g),
            stepping(lambda old, v, g, lr, beta: -lr * g),
            keeping(lambda v, g, lr, beta: v, lambda old, v, g, lr, beta: -lr * g),
        ),
    ),
    Mistake(
        "Your velocity adds the gradient, so the ball rolls uphill. The gradient points uphill: "
        "subtract it.",
        (keeping(lambda v, g, lr, beta: beta * v + lr * g),),
    ),
    Mistake(
        "Your velocity is right and points downhill, but you subtract it. Add it to the parameter.",
        (stepping(lambda old, v, g, lr, beta: -v),),
    ),
    Mistake(
        "Your velocity points the other way: it adds the gradient, and the step subtracts it. From "
        "rest that moves the same, but our velocity says where the ball goes: v = beta v - lr g, "
        "w = w + v.",
        (keeping(lambda v, g, lr, beta: beta * v + lr * g, lambda old, v, g, lr, beta: -v),),
    ),
    Mistake(
        "You multiply the velocity by lr at the step, as PyTorch does. That is another velocity: "
        "as soon as lr changes, it moves differently. Here lr stands before the gradient.",
        (
            keeping(lambda v, g, lr, beta: beta * v + g, lambda old, v, g, lr, beta: -lr * v),
            keeping(lambda v, g, lr, beta: beta * v - g, lambda old, v, g, lr, beta: lr * v),
        ),
    ),
    Mistake(
        "The learning rate enters twice: in the velocity and again in the step. Once, before the "
        "gradient, is enough.",
        (
            stepping(lambda old, v, g, lr, beta: lr * v),
            keeping(lambda v, g, lr, beta: beta * v + lr * g, lambda old, v, g, lr, beta: -lr * v),
        ),
    ),
    Mistake(
        "The learning rate multiplies the old velocity as well. It belongs to the gradient alone.",
        (keeping(lambda v, g, lr, beta: lr * (beta * v - g)),),
    ),
    Mistake(
        "Your step does not depend on the learning rate: lr is not used.",
        (keeping(lambda v, g, lr, beta: beta * v - g),),
    ),
    Mistake(
        wording.FIXED_LR,
        tuple(
            keeping(lambda v, g, lr, beta, fixed=fixed: beta * v - fixed * g)
            for fixed in (0.001, 0.01, 0.1)
        ),
    ),
    Mistake(
        "Your velocity does not use the beta that it is given, but a fixed number in its place.",
        tuple(
            keeping(lambda v, g, lr, beta, fixed=fixed: fixed * v - lr * g)
            for fixed in (0.5, 0.8, 0.9, 0.99)
        ),
    ),
    Mistake(
        "Your velocity never fades: all of the old one is kept. What multiplies it?",
        (keeping(lambda v, g, lr, beta: v - lr * g),),
    ),
    Mistake(
        "beta multiplies the gradient. It belongs to the old velocity, which then fades.",
        (keeping(lambda v, g, lr, beta: v - beta * lr * g),),
    ),
    Mistake(
        "beta multiplies both the old velocity and the gradient. Only the old velocity fades.",
        (keeping(lambda v, g, lr, beta: beta * (v - lr * g)),),
    ),
    Mistake(
        "You weight the gradient with 1 - beta, as in a running mean. The heavy ball does not: "
        "the whole gradient step joins the velocity.",
        (
            keeping(lambda v, g, lr, beta: beta * v - (1 - beta) * lr * g),
            keeping(
                lambda v, g, lr, beta: beta * v + (1 - beta) * g,
                lambda old, v, g, lr, beta: -lr * v,
            ),
        ),
    ),
    Mistake(
        "You keep the share 1 - beta of the old velocity. beta itself is the share that is kept.",
        (
            keeping(lambda v, g, lr, beta: (1 - beta) * v - lr * g),
            keeping(lambda v, g, lr, beta: (1 - beta) * v - beta * lr * g),
        ),
    ),
    Mistake(
        "The parameter moves before its velocity is new, so each gradient acts one step late. "
        "First the velocity, then the parameter.",
        (stepping(lambda old, v, g, lr, beta: old),),
    ),
    Mistake(
        "This is Nesterov's step, which looks ahead and comes later in the chapter. Here the "
        "parameter moves by its velocity.",
        (stepping(lambda old, v, g, lr, beta: beta * v - lr * g),),
    ),
    Mistake(
        "The gradient step is taken twice: it is in the velocity already. Add the velocity alone.",
        (stepping(lambda old, v, g, lr, beta: v - lr * g),),
    ),
    Mistake(
        "Your step adds only the share beta of the new velocity. Add all of it.",
        (stepping(lambda old, v, g, lr, beta: beta * v),),
    ),
    Mistake(
        "In grad_vel you keep the last gradient step only, so nothing builds up. Keep the whole "
        "new velocity, what is left of the old one included.",
        (
            keeping(
                lambda v, g, lr, beta: -lr * g,
                lambda old, v, g, lr, beta: beta * old - lr * g,
            ),
        ),
    ),
    Mistake(
        "The parameter is replaced by its velocity. It should be where it was, plus the velocity.",
        (after_backward(_replaces),),
    ),
    Mistake(
        "Your velocity only loses speed: the gradient is not in it.",
        (keeping(lambda v, g, lr, beta: beta * v),),
    ),
    Mistake(
        wording.RECORDS_STEP,
        (after_backward(_records_step), after_backward(_records_step_in_view)),
    ),
    Mistake(
        "params and grad_vel are lists, which have no gradient and cannot be multiplied. Go "
        "through both at once, tensor by tensor, with zip.",
        (after_backward(_takes_lists_for_tensors),),
    ),
    Mistake(
        "All parameters share one velocity. Each has its own, at the same place in grad_vel.",
        (after_backward(_shares_velocity),),
    ),
    Mistake(
        wording.MOVES_FIRST_ONLY,
        (after_backward(lambda p, v, lr, beta: walk_right(p[:1], v[:1], lr, beta)),),
    ),
    Mistake(
        "Only the last parameter moves. Are the lines of the step indented, so that they belong to "
        "the loop?",
        (after_backward(lambda p, v, lr, beta: walk_right(p[-1:], v[-1:], lr, beta)),),
    ),
    Mistake(
        "The gradients are erased before the velocity uses them. Look at the order of zero_grad, "
        "backward and the step.",
        (_clears_before_step,),
    ),
    Mistake(
        "There is no gradient where your velocity needs one. Nothing is in param.grad until "
        "backward has been called on the loss.",
        (_only_steps, _only_steps_by_method),
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
        wording.REPEATS_BACKWARD,
        (_repeats_backward, _repeats_backward_with_graph),
    ),
    Mistake(
        "Gradients pile up: backward adds to what is already in param.grad. The velocity remembers "
        "old gradients, but here they count in full. What has to happen before backward?",
        (_never_clears,),
    ),
    Mistake(
        wording.CLEARS_AT_THE_END,
        (_clears_at_the_end,),
    ),
)

exercise_4 = Exercise(
    number=4,
    reference=momentum_update,
    scenario=scenario,
    mistakes=MISTAKES,
    sweep=sweep,
)
