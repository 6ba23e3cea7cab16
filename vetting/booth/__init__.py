"""The booth check: one picture taken at the meeting, laid beside the photo, and what a person says to it.

In the order of the flow: entering (the picture comes in), comparing (a worker measures), answering, erasing.
"""
