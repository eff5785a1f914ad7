"""What Python's zoneinfo makes of local times near clock changes.

Prints one line for each zone and each local time of 00:00 to 04:00, in steps of 15 minutes, on the days
around every change of the clocks from 2024 to 2035:

    Europe/Paris 2026-03-29T02:30:00 1774747800

that is the zone, the wall time, and its instant in seconds since the Unix epoch. A wall time that a change
skips is read with the offset before the change, one that happens twice is the first (PEP 495, fold 0): the
same as RFC 5545, section 3.3.5.
"""

import sys
import zoneinfo
from datetime import datetime, timedelta

FIRST, LAST = datetime(2024, 1, 1), datetime(2036, 1, 1)
DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)


def days_near_changes(zone):
    days = set()
    day = FIRST
    offset = day.replace(tzinfo=zone).utcoffset()
    while day < LAST:
        following = (day + DAY).replace(tzinfo=zone).utcoffset()
        if following != offset:
            days.update((day - DAY, day, day + DAY))
        day, offset = day + DAY, following
    return sorted(days)


for name in sorted(zoneinfo.available_timezones()):
    zone = zoneinfo.ZoneInfo(name)
    for day in days_near_changes(zone):
        for step in range(17):
            local = day + step * QUARTER
            instant = local.replace(tzinfo=zone).timestamp()
            sys.stdout.write(f"{name} {local.isoformat()} {int(instant)}\n")
