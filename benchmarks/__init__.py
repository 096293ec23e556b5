"""Speed and quality, apart from the tests."""
