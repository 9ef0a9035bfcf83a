"""Frozen value types that every stage shares. Imports nothing else of karlint."""
