"""Fairness: what candidates of their own will say of themselves, counted by group, and never of a few."""
