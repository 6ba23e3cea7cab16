"""The API under /api/v1/: what a team's own programs add and read. No call decides about anybody."""
