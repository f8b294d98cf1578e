"""The report as one HTML file that needs nothing else: no network, no fonts, no second file.

The page carries a content security policy that lets only its own two scripts run, by their hashes, and loads nothing
from anywhere; all words are escaped by the template, and figures travel as inert JSON.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepshock.errors import Fault, UsageError
from deepshock.report import arrange, wording
from deepshock.report.bundle import plotly_js
from deepshock.report.evidence import across
from deepshock.report.evidence import text as evidence
from deepshock.report.view import FillView, ReportView, ThesisView
from deepshock.stats import LIQUIDATED

if TYPE_CHECKING:
    import jinja2

MINUS = "\u2212"
_SIGN = re.compile(r"(?<![\w.)])-(?=[\d.])")  # of a number: not the hyphen of a date or a name


def render(report: ReportView) -> str:
    """Return the whole report as one HTML page.

    Parameters
    ----------
    report : ReportView
        What to show. Equal views give equal pages: nothing in them depends on the clock.

    Returns
    -------
    str
        UTF-8 text of about 5 MB, most of it plotly.js.
    """
    from markupsafe import Markup

    from deepshock.report import theme

    charts = _charts(report)
    data = {"palette": theme.DARK, "charts": {name: chart["figure"] for name, chart in charts.items()}}
    library, script = plotly_js(), _part("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            simulated=arrange.is_simulated(report),
            count=arrange.count(report),
            ran=arrange.ranked(report),
            stopped=arrange.stopped(report),
            charts=charts,
            data=Markup(_inert(data)),
            css=Markup(_part("report.css")),
            library=Markup(library),
            script=Markup(script),
            hashes=[_hash(library), _hash(script)],
        )
    )


def write(report: ReportView, path: str | os.PathLike[str]) -> Path:
    """Write the report to a file, whole or not at all.

    Parameters
    ----------
    report : ReportView
        What to show.
    path : path-like
        The file; its folder must exist. An older report there is replaced.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    UsageError
        If the path is a folder, its folder does not exist, or it cannot be written to.
    """
    target = Path(path)
    if target.is_dir():
        raise UsageError(Fault(str(target), "is a folder", "give the name of a file, for example report.html"))
    if target.exists() and not target.is_file():
        raise UsageError(Fault(str(target), "is not an ordinary file", "give the name of one, for example report.html"))
    if not target.parent.is_dir():
        raise UsageError(Fault(str(target), f"there is no folder {target.parent}", "create it, or choose another"))
    page = render(report).encode("utf-8")
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(page)
            os.chmod(name, target.stat().st_mode if target.exists() else 0o666 & ~_umask())
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            Fault(str(target), f"cannot be written: {reason}", "choose a folder that you may write to")
        ) from error
    return target


def _charts(report: ReportView) -> dict[str, dict[str, Any]]:
    """Draw what there is to draw; each chart has its figure, its height in pixels and what it shows in words."""
    from deepshock.report import figures

    wanted: dict[str, Callable[[], Any]] = {}  # sections are numbered in the order of the page, by rank
    if arrange.ranked(report):
        wanted["comparison"] = partial(figures.comparison, report)
    for number, view in enumerate(arrange.ranked(report), start=1):
        for name, draw in _drawn(view).items():
            wanted[f"thesis-{number}-{name}"] = partial(draw, view)
    charts = {}
    for name, build in wanted.items():
        built = build()
        figure = json.loads(built.to_json())
        charts[name] = {"figure": figure, "height": built.layout.height, "alt": built.layout.meta["alt"]}
    return charts


def _drawn(view: ThesisView) -> dict[str, Callable[[ThesisView], Any]]:
    from deepshock.report import figures
    from deepshock.report.evidence import charts

    drawn: dict[str, Callable[[ThesisView], Any]] = {}
    if view.sessions:
        drawn["timeline"] = figures.timeline
    if view.equity:
        drawn["nav"] = figures.nav
    if view.fills:
        drawn["waterfall"] = figures.waterfall
    if view.legs:
        drawn["parts"] = figures.parts
    if view.attribution:
        drawn["attribution"] = figures.attribution
    if charts.can_draw_placebos(view):
        drawn["placebos"] = charts.placebos
    if charts.can_draw_decay(view):
        drawn["decay"] = charts.decay
    return drawn


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("deepshock.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: wording.clean(value) if type(value) is str else value,
    )
    environment.filters |= {
        "percent": lambda value, digits=2: _typeset(wording.percent(value, digits)),
        "share": wording.share,
        "points": lambda value: _typeset(wording.percent(value)).replace("%", " pp"),
        "money": lambda value, digits=0, sign=True: _typeset(wording.money(value, digits, sign=sign)),
        "quantity": lambda value, most=8: _typeset(wording.quantity(value, most)),
        "price": wording.price,
        "instant": wording.instant,
        "sharpe": lambda view: _typeset(wording.sharpe(view)),
        "total": arrange.total,
        "tone": lambda value: "loss" if value < 0 else "",
        "signs": _signed,
    }
    environment.globals |= {
        "steps": arrange.steps,
        "alternatives": arrange.alternatives,
        "warned": arrange.warned,
        "whose": arrange.whose,
        "capital": arrange.capital,
        "liquidated": arrange.liquidated,
        "liquidated_word": LIQUIDATED,
        "setting_names": arrange.setting_names,
        "setting": arrange.setting,
        "only_of": arrange.only_of,
        "summed": arrange.summed,
        "cost_names": arrange.cost_names,
        "what_is_gap": wording.WHAT_IS_GAP,
        "currencies": arrange.currencies,
        "account": wording.account,
        "items": _items,
        "sheets": evidence.sheets,
        "evidence_table": across.evidence,
        "contradictions": across.contradictions,
        "told": across.told,
        "as_sentence": across.sentence_case,
    }
    environment.tests["restricted"] = arrange.is_restricted
    return environment


def _items(fills: tuple[FillView, ...]) -> list[str]:
    """Return the names of all costs that any of the fills paid, in order of appearance."""
    return list(dict.fromkeys(name for fill in fills for name in fill.costs))


def _typeset(text: str) -> str:
    return text.replace("-", MINUS)


def _signed(text: str) -> str:
    """Set the minus signs of a text, and keep p with its value on one line."""
    return _SIGN.sub(MINUS, text).replace("p = ", "p\u00a0=\u00a0")


def _inert(data: object) -> str:
    """Write JSON that cannot end the element that holds it, nor begin another."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _part(name: str) -> str:
    return (files("deepshock.report") / "templates" / name).read_text("utf-8")


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
