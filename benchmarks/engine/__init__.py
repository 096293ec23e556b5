"""Benchmarks of the engine: `python -m benchmarks.engine [--smoke] [--sizes NAME ...]`."""
