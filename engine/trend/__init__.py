"""Detectors of change in counts. They see numbers and times, never posts, and know nothing of levels.

One detector a class, named as in the literature, each with ``update``; and for the watch, which sees whole tables
at once, the function that each of them is made of.
"""

from engine.trend.burst import Burst, burst
from engine.trend.cusum import BURN_DAYS, MEMORY_DAYS, Burn, Cusum, daily, slow_burn
from engine.trend.detect import DETECT_WINDOWS, DETECTORS, detect
from engine.trend.drops import Drop, DropDetector, drop
from engine.trend.growth import DoublingTime, doubling_hours
from engine.trend.series import BASELINE_DAYS, COVERAGE_DAYS, FEWEST, Alarm, Detector, SeriesError
from engine.trend.shares import ShareChange, binomial_z, two_proportion_z
from engine.trend.surges import BUSY, WINDOWS, RobustZ, SeasonalPeak, Surge, SurgeDetector, Window, surge
from engine.trend.tail import TailDetector, log_tail, tail

__all__ = [
    "BASELINE_DAYS", "BURN_DAYS", "BUSY", "COVERAGE_DAYS", "DETECTORS", "DETECT_WINDOWS", "FEWEST", "MEMORY_DAYS",
    "WINDOWS", "Alarm", "Burn", "Burst", "Cusum", "Detector", "DoublingTime", "Drop", "DropDetector",
    "RobustZ", "SeasonalPeak", "SeriesError", "ShareChange", "Surge", "SurgeDetector", "TailDetector", "Window",
    "binomial_z", "burst", "daily", "detect", "doubling_hours", "drop", "log_tail", "slow_burn", "surge", "tail",
    "two_proportion_z",
]  # fmt: skip
