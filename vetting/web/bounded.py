"""An upload handler that keeps no more of a file than could be accepted."""

from __future__ import annotations

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Counts to the end, so that intake can say how large the file was, but stops writing past the limit."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start <= settings.MAX_PHOTO_BYTES:
            return super().receive_data_chunk(raw_data, start)
        return None
