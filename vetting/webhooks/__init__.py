"""Webhooks: a team's own addresses are told when a verdict is ready or a decision is made.

Each message is a row (Delivery), written in the transaction of what it tells of; a worker sends it, again and again
with growing pauses, until it is taken or given up.
"""
