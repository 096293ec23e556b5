"""What-if: a sweep of the library, a grid that is killed and resumed, a Dask cluster."""
