"""Explanations: one citizen, all margins and alternatives, what helps, bottlenecks."""
