"""What-if around the weekly matching: made-up municipalities, scenarios, comparison."""
