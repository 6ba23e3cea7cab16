"""Stage 6: forgetting. What is stored about somebody goes when its time has come, or when a person says so.

vetting/keeping holds how; this is what the other stages call.
"""

from __future__ import annotations

from vetting.keeping.erasing import forget_applicant, forget_photo
from vetting.keeping.holds import UnderHold
from vetting.keeping.leftovers import delete_stored
from vetting.keeping.leftovers import sweep as delete_leftovers
from vetting.keeping.retention import sweep as forget_due

__all__ = ["UnderHold", "delete_leftovers", "delete_stored", "forget_applicant", "forget_due", "forget_photo"]
