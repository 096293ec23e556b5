"""Somebody asks why."""
