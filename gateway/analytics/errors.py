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


class RulesInvalid(AnalyticsError):
    """A tenant's rules for its reports are not what they should be."""

    code = "report_rules_invalid"


class ReportRefused(AnalyticsError):
    """A report asks for what there is none of."""

    code = "report_refused"


class ReportTooWide(AnalyticsError):
    """A report took longer than the database allows, or has more rows than are given at once."""

    code = "report_too_wide"


class TopicsFailed(AnalyticsError):
    """Topics could not be found: the process that looks for them was lost or took too long."""

    code = "topics_failed"


class TooManyReports(AnalyticsError):
    """So many topics are being looked for that another search would have to wait too long."""

    code = "too_many_reports"


class NotJudged(AnalyticsError):
    """No rubric of that name has judged this contact (yet)."""

    code = "not_judged"


class NoSuchCriterion(AnalyticsError):
    """A rubric did not judge a contact by that criterion."""

    code = "no_such_criterion"


class AppealRefused(AnalyticsError):
    """There is nothing to object to, or it is objected to already."""

    code = "appeal_refused"


class StillOpen(AnalyticsError):
    """The contact's record is still being written: try again in a minute."""

    code = "contact_still_open"
