"""Migrations of the ledger, shipped with the package; run by :mod:`matcher.ledger.connect`."""
