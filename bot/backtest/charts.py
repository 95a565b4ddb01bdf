"""Pictures of a backtest: volume, negative volume, and the bells in the colours of their levels.

The characters come from a font in a Python package, so that Chinese is drawn on any machine.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.backtest.core import Backtest, BacktestAlarm, SettingResult
from bot.i18n.speech import Speech
from bot.i18n.zones import offset
from engine.post import Level

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONT_PACKAGE, FONT_FILE = "paperang_p2_fonts_cjk", "fonts/wqy-microhei.ttc"

COLOURS = {Level.BLUE: "#3b7dd8", Level.YELLOW: "#e0a800", Level.ORANGE: "#e8710a", Level.RED: "#d02424"}
INK, PALE, BAD = "#24292f", "#c9d1dc", "#8c3b4a"
MOST_BARS = 240
"""More hours than that are drawn together, several to a bar."""


def png(found: Backtest, speech: Speech) -> bytes:
    """The chart of *found* as a PNG, 1600 pixels wide, in the language of *speech*."""
    from matplotlib.figure import Figure

    trials = len(found.trials)
    with _in_own_font():
        figure = Figure(figsize=(10, 4.2 + 0.6 * trials), dpi=160, facecolor="white", layout="constrained")
        ratios = [6.0, *([0.7] * trials)]
        above, *rows = figure.subplots(1 + trials, 1, sharex=True, height_ratios=ratios, squeeze=True)
        _counts(above, found, speech)
        for axes, trial in zip(rows, found.trials, strict=True):
            _bells(axes, found, trial, speech)
        _times(rows[-1], found, speech.zone)
        buffer = io.BytesIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing")  # a smiley in a name is no fault
            figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _counts(axes: Axes, found: Backtest, speech: Speech) -> None:
    from matplotlib.ticker import MaxNLocator

    hours = max(-(-len(found.volume) // MOST_BARS), 1)
    starts = [found.since + timedelta(hours=hours * n) for n in range(-(-len(found.volume) // hours))]
    width = hours / 24  # matplotlib counts in days
    volume, negative = _summed(found.volume, hours), _summed(found.negative, hours)
    axes.bar(_plain(starts), volume, width, align="edge", color=PALE, label=speech.say("picture.volume"))
    axes.bar(_plain(starts), negative, width, align="edge", color=BAD, label=speech.say("picture.negative"))
    title = speech.say("picture.title", topic=_clipped(found.topic))
    axes.set_title(title, loc="left", fontsize=15, color=INK, pad=26)
    since, until = (f"{at.astimezone(speech.zone):%Y-%m-%d}" for at in (found.since, found.until))
    zone = offset(found.until, speech.zone)
    told = speech.say("picture.span", since=since, until=until, zone=zone, posts=found.posts)
    axes.annotate(told, (0, 1), (0, 8), "axes fraction", textcoords="offset points", color="#57606a", fontsize=10)
    axes.set_ylabel(speech.say("picture.posts", hours=hours), color=INK, fontsize=10)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=10, borderaxespad=0.3)
    axes.set_ylim(0, max([*volume, 1]) * 1.08)
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.grid(axis="y", color="#e6e9ed", linewidth=0.8)
    axes.set_axisbelow(True)
    _bare(axes)
    for bell in found.trials[0].bells:
        axes.axvline(_plain([bell.at])[0], color=COLOURS[bell.level], linewidth=1.4, alpha=0.85)


def _bells(axes: Axes, found: Backtest, trial: SettingResult, speech: Speech) -> None:
    """One row of bells, the gravest on top, under a line that says what they would have cost."""
    strictness, a_week = f"{trial.tuning.strictness:g}", f"{found.a_week(trial):.1f}"
    told = speech.say("picture.trial", strictness=strictness, bells=len(trial.bells), a_week=a_week)
    axes.set_title(told, loc="left", fontsize=10.5, color=INK, pad=4)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.axhline(0.5, color="#e6e9ed", linewidth=1, zorder=0)
    for bell in sorted(trial.bells, key=lambda each: -each.level):
        shape, size = ("o", 10) if bell.event == "opened" else ("^", 9)
        axes.plot(
            _plain([bell.at]), [0.5], shape, markersize=size, color=COLOURS[bell.level], markeredgecolor="white",
            clip_on=False,
        )  # fmt: skip
    _levels(axes, trial.bells, speech)
    _bare(axes)
    axes.spines["bottom"].set_visible(False)


def _levels(axes: Axes, bells: Sequence[BacktestAlarm], speech: Speech) -> None:
    """What the colours mean, of those that there are."""
    from matplotlib.lines import Line2D

    there = sorted({bell.level for bell in bells}, reverse=True)
    if not there:
        return
    marks = [
        Line2D([], [], marker="o", linestyle="", color=COLOURS[level], label=speech.say(f"short_level.{level.colour}"))
        for level in there
    ]
    axes.legend(
        handles=marks, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(marks), frameon=False, fontsize=9,
        borderaxespad=0.1, handletextpad=0.1, columnspacing=1.0,
    )  # fmt: skip


def _times(axes: Axes, found: Backtest, zone: tzinfo) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(zone, minticks=4, maxticks=10)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    shown = ConciseDateFormatter(  # type: ignore[no-untyped-call]
        locator,
        zone,
        formats=["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%S"],
        zero_formats=["", "%Y", "%m-%d", "%m-%d", "%H:%M", "%H:%M"],
        show_offset=False,
    )
    axes.xaxis.set_major_formatter(shown)
    axes.set_xlim(*_plain([found.since, found.until]))
    axes.tick_params(axis="x", labelsize=10, colors=INK)


def _bare(axes: Axes) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(PALE)
    axes.tick_params(axis="both", length=0, colors="#57606a", labelsize=9)


def _summed(values: Sequence[int], size: int) -> list[int]:
    return [sum(values[start : start + size]) for start in range(0, len(values), size)]


def _plain(times: Sequence[datetime]) -> Any:
    return [at.replace(tzinfo=None) for at in times]  # UTC all of them, as matplotlib counts; the axis has its own zone


def _clipped(name: str) -> str:
    return name if len(name) <= 40 else name[:39] + "…"


@cache
def _family() -> str:
    """Make the packaged font known; what it is called."""
    from matplotlib import font_manager

    with resources.as_file(resources.files(FONT_PACKAGE) / FONT_FILE) as path:
        font_manager.fontManager.addfont(path)
        return str(font_manager.FontProperties(fname=path).get_name())


def _in_own_font() -> Any:
    from matplotlib import rc_context

    return rc_context({"font.family": ["DejaVu Sans", _family()], "text.parse_math": False})
