"""A team's own photos, known to be real: how often are they called generated in error, at the most?

Beside the flow of applicants, in its order: entering (1), examining (2), standing (what it supports), export.
"""
