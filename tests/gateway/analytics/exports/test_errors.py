from __future__ import annotations

from gateway.analytics.exports.errors import DestinationFailed, ExportRefused, ExportRunning, TryLater, WatermarkLost


def test_only_what_another_try_may_mend_is_to_be_tried_later() -> None:
    assert issubclass(ExportRunning, TryLater)
    assert issubclass(DestinationFailed, TryLater)
    assert not issubclass(ExportRefused, TryLater)
    assert not issubclass(WatermarkLost, TryLater)
