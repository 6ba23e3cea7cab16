"""The right of reply: opened by a decision, answered by the candidate, and originals compared with the first photo.

opening: begins and ends with decisions, and the clock that starts when the candidate is told. answering: what the
candidate sends, and how it comes back before people. comparing: a file beside the photo. clock: the deadline in words.
"""
