"""OR-Tools' minimum-cost flow: network programs, exact in integers."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from ortools.graph.python import min_cost_flow

from matcher.engine.errors import BackendError
from matcher.engine.solvers.interrupt import Stopping
from matcher.engine.solvers.solver import Ability, Network, Outcome, Solver, Status, Task

_Flow = min_cost_flow.SimpleMinCostFlow


class MinCostFlow(Solver[Network]):
    """Cost-scaling push-relabel; it knows no limits, and needs none."""

    name = "min_cost_flow"
    can = Ability.NETWORK
    statuses: ClassVar[Mapping[Any, Status]] = {
        _Flow.OPTIMAL: Status.OPTIMAL,
        _Flow.INFEASIBLE: Status.INFEASIBLE,
    }

    def run(self, model: Network, task: Task, stopping: Stopping) -> Outcome:
        """Return the flow on each arc."""
        flow = _Flow()
        arcs = flow.add_arcs_with_capacity_and_unit_cost(
            model.tail, model.head, model.capacity, model.cost
        )
        flow.set_nodes_supplies(np.arange(model.supply.size), model.supply)
        said = flow.solve()
        if said not in self.statuses:
            message = f"minimum-cost flow ended with status {said}."
            raise BackendError(message)
        status = self.statuses[said]
        if status is Status.INFEASIBLE:
            return Outcome(status)
        return Outcome(status, np.asarray(flow.flows(arcs), dtype=np.float64))
