"""期间: calendars and the arithmetic of legal periods. Knows no case and no database."""

from jiefen.periods.arithmetic import Due, Step, add_months, due, following_hour, served_by_public_notice
from jiefen.periods.calendar import Calendar, Holiday, OfficeHours, Plan, with_local
from jiefen.periods.files import calendars, check_calendars, import_year, load_calendar
from jiefen.periods.office import load_hours
from jiefen.periods.span import Span
from jiefen.periods.units import Ends, FirstDay, Period, Roll, Unit

__all__ = [
    "Calendar",
    "Due",
    "Ends",
    "FirstDay",
    "Holiday",
    "OfficeHours",
    "Period",
    "Plan",
    "Roll",
    "Span",
    "Step",
    "Unit",
    "add_months",
    "calendars",
    "check_calendars",
    "due",
    "following_hour",
    "import_year",
    "load_calendar",
    "load_hours",
    "served_by_public_notice",
    "with_local",
]
