"""What can go wrong where records are exported. What another try may mend is a ``TryLater``."""

from __future__ import annotations

from infra.errors import AiccError


class ExportError(AiccError):
    """Records cannot be exported."""

    code = "export_failed"


class ExportRefused(ExportError):
    """What is asked for is not exported, or not like that."""

    code = "export_refused"


class WatermarkLost(ExportError):
    """It cannot be told what has changed since the export before: export the whole again."""

    code = "export_watermark_lost"


class ManifestBroken(ExportError):
    """A manifest in the destination is none of ours, or was changed."""

    code = "export_manifest_broken"


class TryLater(ExportError):
    """Nothing is wrong with what was asked for; it could not be done now."""

    code = "export_try_later"


class ExportRunning(TryLater):
    """Somebody else exports the same tenant to the same place just now."""

    code = "export_running"


class DestinationFailed(TryLater):
    """The destination does not take files, or does not give them back."""

    code = "export_destination_failed"
