"""Small and knotty weeks: each solved, and explained in depth."""
