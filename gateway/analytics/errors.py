"""What can go wrong where calls are searched and replayed."""

from __future__ import annotations

from infra.errors import AiccError


class AnalyticsError(AiccError):
    """A call cannot be searched for or replayed."""

    code = "analytics_error"


class SearchRefused(AnalyticsError):
    """A search asks for what is not searched for."""

    code = "search_refused"


class SearchTooWide(AnalyticsError):
    """A search took longer than the database allows."""

    code = "search_too_wide"


class NoWaveform(AnalyticsError):
    """The file is no recording of ours, or cannot be read."""

    code = "no_waveform"


class TooManyWaveforms(AnalyticsError):
    """So many waveforms are asked for that another would have to wait too long."""

    code = "too_many_waveforms"
