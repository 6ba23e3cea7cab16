"""Coverage-guided fuzzing of our own parsers with atheris (libFuzzer): `make fuzz-parsers RUNS=200000`.

Each parser runs in a process of its own, from a corpus of whole files. What breaks one is kept under var/fuzz-parsers/.
"""
