"""Many photos at once, in the order of the flow.

receiving (1: an archive or a folder comes in), reading (2: it becomes a plan that is looked at first, from archive,
table, naming and planning), importing (3: carried out row by row), undoing (4), forgetting (what is no longer needed).
The row is the truth: turn says who works at it now, tasks is the doorbell, progress what the page shows.
"""
