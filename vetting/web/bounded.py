"""Upload handlers that keep no more of a file than could be accepted."""

from __future__ import annotations

import tempfile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

from vetting.bulk.forgetting import incoming


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Counts to the end, so that intake can say how large the file was, but stops writing past the limit."""

    @property
    def limit(self) -> int:
        return settings.MAX_PHOTO_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start <= self.limit:
            return super().receive_data_chunk(raw_data, start)
        return None


class ArchiveUploadHandler(BoundedUploadHandler):
    """For an archive of an import: on the disk of the uploads, since /tmp may be memory."""

    @property
    def limit(self) -> int:
        return settings.MAX_BULK_BYTES

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = IncomingFile(self.file_name, self.content_type, self.charset, self.content_type_extra)


class IncomingFile(TemporaryUploadedFile):
    """A temporary file beside the place where it is going to stay."""

    def __init__(self, name: str | None, content_type: str | None, charset: str | None, extra: Any) -> None:
        incoming().mkdir(mode=0o700, parents=True, exist_ok=True)
        file = tempfile.NamedTemporaryFile(suffix=".upload", dir=incoming())  # noqa: SIM115 - closed by Django
        UploadedFile.__init__(self, file, name, content_type, 0, charset, extra)
