"""When somebody may be called: within the tenant's hours, by its own clock. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.session.tenant import Hours

FARTHEST = 400
"""Days that are looked through for the next opening; hours that never open have none."""


def next_opening(hours: Hours, zone: ZoneInfo, moment: datetime) -> datetime | None:
    """``moment`` itself where it lies within ``hours``, else when they open next; None when they never do.

    Both are aware times. Hours are local: on the day that the clock changes they move with it.
    """
    local = moment.astimezone(zone)
    if hours.open_at(local):
        return moment
    for days in range(FARTHEST):
        day = local.date() + timedelta(days=days)
        for start in hours.openings(day):
            opening = datetime.combine(day, start, zone)
            if opening > moment and hours.open_at(datetime.combine(day, start)):
                return opening.astimezone(moment.tzinfo)
    return None
