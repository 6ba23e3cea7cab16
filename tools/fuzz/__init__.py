"""Broken files, built from whole ones and sent through the examination: `make fuzz COUNT=10000 SEED=8`.

Every file is a function of the seed and its number, so that a failure can be built again. Files made of ones that were
signed here are other ones in each run, since their keys live for one run: what fails is kept under var/fuzz/.
The kinds stand in kinds.py, what counts as a failure in outcomes.py.
"""
