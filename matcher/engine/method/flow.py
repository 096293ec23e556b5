"""Minimum-cost flow for programs whose rows form a network.

Hides how that shape is recognised and how tiers become one exact cost. When every use is 1 and
the rows through each column form a chain of one forest (openings within workplaces, say), a
column is an arc from its group to the innermost row, every row an arc to the row around it or to
the sink, and an optional group has a free arc to the sink. The linear program of a network has
whole optima (Ahuja, Magnanti and Orlin 1993, "Network Flows"), so the flow is the optimum.

Tiers are folded exactly: the weight of a tier exceeds the whole range the later tiers together
can span, and the method declines when the folded costs would not fit 64-bit integers.
"""

from dataclasses import replace

import numpy as np

from matcher.engine.context import Context
from matcher.engine.method.presolve import Found, Reduced, value_of
from matcher.engine.program import UNBOUNDED, Float64, Int64
from matcher.engine.solvers import Network, Status

_ROOM = 2**61


def solve_by_flow(reduced: Reduced, context: Context) -> Found | None:
    """Solve by minimum-cost flow; None when the rows do not form a network."""
    with context.phase("flow"):
        network = _network(reduced)
        if network is None:
            return None
        weights = _weights(reduced, network.supply.size)
        if weights is None:
            context.say("a network, but the folded tiers exceed 64-bit costs: not solved as a flow")
            return None
        gain = weights @ reduced.gains
        model = replace(network, cost=np.concatenate((-gain, network.cost[reduced.n :])))
        # Quicker than any limit: a cancel is not waited for.
        outcome = context.run("network", model, cancel=None)
        if outcome.status == Status.LIMIT:
            return None
        if outcome.x is None:
            nothing = np.zeros((reduced.tiers, reduced.m))
            return Found(None, (None,) * reduced.tiers, nothing, infeasible=True)
        flows = outcome.x.astype(np.int64)
        chosen = np.flatnonzero(flows[: reduced.n] > 0).astype(np.int64)
        values = value_of(reduced, chosen)
        context.tell_selection(values, reduced.origin[chosen])

        def pricer() -> Float64:
            # Later tiers get the potentials of the fold so far, under which earlier ones hold.
            return np.stack(
                [
                    _prices(reduced, network, flows, weights[: tier + 1] // weights[tier])
                    for tier in range(reduced.tiers)
                ]
            )

        return Found(chosen, values, pricer)


def _network(reduced: Reduced) -> Network | None:
    """Return columns, rows and the free arcs of optional groups as arcs, in this order, at no cost.

    None when the rows do not form a network.
    """
    if (reduced.lower > -UNBOUNDED).any() or (reduced.upper < 0).any():
        return None
    n, m, groups = reduced.n, reduced.m, reduced.n_groups
    if not reduced.has_unit_uses():
        return None
    uses = reduced.by_row().tocsr()
    uses.eliminate_zeros()
    sink = groups + m
    lengths = np.diff(uses.indptr)
    parent = np.full(m, sink, dtype=np.int64)
    first = np.full(n, sink, dtype=np.int64)
    if uses.nnz:
        if int(lengths.max()) == 1:
            first[lengths > 0] = groups + uses.indices
        else:
            # Innermost first: a row inside another has no more columns than it.
            rank = np.empty(m, dtype=np.int64)
            rank[np.lexsort((np.arange(m), np.bincount(uses.indices, minlength=m)))] = np.arange(m)
            who = np.repeat(np.arange(n), lengths)
            order = np.argsort(who * m + rank[uses.indices])
            row = uses.indices[order].astype(np.int64)
            follower = np.append(row[1:], 0) + groups
            ends = uses.indptr[1:][lengths > 0] - 1
            follower[ends] = sink
            least = np.full(m, sink, dtype=np.int64)
            most = np.zeros(m, dtype=np.int64)
            np.minimum.at(least, row, follower)
            np.maximum.at(most, row, follower)
            touched = most > 0
            if (least[touched] != most[touched]).any():
                return None
            parent[touched] = most[touched]
            first[lengths > 0] = groups + row[uses.indptr[:-1][lengths > 0]]
    idle = np.flatnonzero(~reduced.must)
    supply = np.ones(sink + 1, dtype=np.int64)
    supply[groups:sink] = 0
    supply[sink] = -groups
    return Network(
        tail=np.concatenate((reduced.group, groups + np.arange(m), idle)),
        head=np.concatenate((first, parent, np.full(idle.size, sink))),
        capacity=np.concatenate(
            (
                np.ones(n, dtype=np.int64),
                np.minimum(reduced.upper, groups + 1),  # one more never saturates
                np.ones(idle.size, dtype=np.int64),
            )
        ),
        cost=np.zeros(reduced.n + m + idle.size, dtype=np.int64),
        supply=supply,
    )


def _weights(reduced: Reduced, nodes: int) -> Int64 | None:
    """Return the weight of each tier, or None when folded costs would not fit."""
    weights, weight = [], 1
    for tier in range(reduced.tiers - 1, -1, -1):
        weights.append(weight)
        gain = reduced.gains[tier]
        span = int(gain.max(initial=0)) - int(gain.min(initial=0))
        weight *= span * reduced.n_groups + 1
    most = sum(
        w * int(np.abs(reduced.gains[reduced.tiers - 1 - t]).max(initial=0))
        for t, w in enumerate(weights)
    )
    # The solver multiplies costs by the number of nodes and sums them along paths.
    if most * (nodes + 1) * 4 >= _ROOM:
        return None
    return np.array(weights[::-1], dtype=np.int64)


def _prices(reduced: Reduced, network: Network, flows: Int64, weights: Int64) -> Float64:
    """Return row prices from shortest distances in the residual network (Bellman and Ford)."""
    gain = weights @ reduced.gains[: weights.size]
    cost = np.concatenate((-gain, network.cost[reduced.n :]))
    # A row without capacity has no flow, but its price may not be negative either.
    ahead, back = flows < network.capacity, (flows > 0) | (network.capacity == 0)
    tail = np.concatenate((network.tail[ahead], network.head[back]))
    head = np.concatenate((network.head[ahead], network.tail[back]))
    step = np.concatenate((cost[ahead], -cost[back]))
    order = np.argsort(head, kind="stable")
    tail, head, step = tail[order], head[order], step[order]
    starts = np.flatnonzero(np.diff(head, prepend=-1))
    nodes = head[starts]
    distance = np.zeros(network.supply.size, dtype=np.int64)
    for _ in range(network.supply.size + 1):
        best = np.minimum.reduceat(distance[tail] + step, starts) if starts.size else step
        shorter = best < distance[nodes]
        if not shorter.any():
            break
        distance[nodes[shorter]] = best[shorter]
    rows = slice(reduced.n, reduced.n + reduced.m)
    rise = distance[network.head[rows]] - distance[network.tail[rows]]
    prices: Float64 = np.maximum(rise, 0).astype(np.float64)
    return prices
