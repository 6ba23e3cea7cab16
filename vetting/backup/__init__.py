"""Backup and restore: rows and files in one archive, each with its SHA-256, readable without this code.

rows/<app>.<model>.jsonl holds a table, a row a line; files/<storage>/<key> a stored file; contents.json, the last
member, names every other one with its size and SHA-256, and the migrations that the rows need. The form is the same
for SQLite and PostgreSQL, for folders and S3: a site can move from one to the other. No secret is inside.
"""

from __future__ import annotations

from vetting.backup.archive import CONTENTS, CannotRestore, Contents, Member
from vetting.backup.making import make_backup
from vetting.backup.restoring import check_backup, restore_backup

__all__ = ["CONTENTS", "CannotRestore", "Contents", "Member", "check_backup", "make_backup", "restore_backup"]
