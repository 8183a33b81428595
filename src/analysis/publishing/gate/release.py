"""The only door out: disclosure limits applied last, and a mark on all that a page may show."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import display

from analysis import words
from analysis.effects import reproduce
from analysis.errors import PublishingError
from analysis.estimate import COLUMNS, Estimate
from analysis.publishing.gate.disclosure import limits, protect, protect_counts
from analysis.publishing.gate.payload import MIME, digest_payload
from analysis.publishing.views import published, tables
from analysis.publishing.views import style as figures
from analysis.registry import Registry
from analysis.text import Text

RUN_FOLDER = "ANALYSIS_RUN"
TOKEN = "ANALYSIS_TOKEN"


@dataclass(frozen=True, kw_only=True, eq=False)
class Gate:
    """What one page releases: the language, the registry it speaks of, and the record of what passed."""

    reg: Registry
    lang: str
    notebook: str
    parameters: Mapping[str, Any]
    payloads: list[dict] = field(default_factory=list)
    rows: list[pd.DataFrame] = field(default_factory=list)

    def figure(self, chart: figures.Chart, *estimates: Estimate, name: str, lead: bool = False, **options) -> None:
        """Draw protected rows; the chart gives its own title, caption and text alternative from the same rows."""
        rows = self.protect(*estimates, keep=chart.keep)
        said = chart.describe(rows, self.lang, **options)
        images = figures.render(functools.partial(chart.draw, rows, **options), self.lang, everywhere=in_batch())
        self._emit(
            {"role": "lead" if lead else "figure", "name": name, "images": images,
             "table_html": tables.rows_html(rows, self.lang), "csv": rows.to_csv(index=False), **said},
            images["wide_light"], "image/svg+xml",
        )  # fmt: skip

    def table(self, build: Callable[..., dict], *estimates: Estimate, name: str, **options) -> None:
        """Show protected rows as a table; `build` lays them out and gives title, html and note."""
        rows = self.protect(*estimates)
        built = build(rows, self.lang, **options)
        self._emit(
            {"role": "table", "name": name, "csv": rows.to_csv(index=False), **built}, built["html"], "text/html"
        )

    def counts(
        self,
        frame: pd.DataFrame,
        *,
        name: str,
        title: Text,
        people: tuple[str, ...],
        note: Text | None = None,
        flow: bool = False,
    ) -> None:
        """Show a table of counts of people; columns in `people` are protected, the others are labels."""
        safe = protect_counts(frame, people, flow=flow)
        built = tables.counts_html(safe, self.lang)
        payload = {"role": "table", "name": name, "title": title.say(self.lang), "html": built,
                   "note": note.say(self.lang) if note else "", "csv": safe.to_csv(index=False)}  # fmt: skip
        self._emit(payload, built, "text/html")

    def columns(
        self,
        chart: figures.Chart,
        frame: pd.DataFrame,
        *,
        name: str,
        people: tuple[str, ...],
        lead: bool = False,
        **options,
    ) -> None:
        """Draw a table of counts of people, protected first."""
        safe = protect_counts(frame, people)
        said = chart.describe(safe, self.lang, **options)
        images = figures.render(functools.partial(chart.draw, safe, **options), self.lang, everywhere=in_batch())
        self._emit(
            {"role": "lead" if lead else "figure", "name": name, "images": images, "table_html": tables.counts_html(safe, self.lang),
             "csv": safe.to_csv(index=False), **said},
            images["wide_light"], "image/svg+xml",
        )  # fmt: skip

    def published_figure(self, *cases: str, name: str, lead: bool = False) -> None:
        """Draw published answers against ours.

        The gate is given names of cases and computes them itself from `data/published`, so that these numbers are
        exact and nothing of a registry can leave among them.
        """
        rows = self._compare(cases)
        said = published.AGAINST.describe(rows, self.lang)
        images = figures.render(functools.partial(published.AGAINST.draw, rows), self.lang, everywhere=in_batch())
        self._emit(
            {"role": "lead" if lead else "figure", "name": name, "images": images, "csv": rows.to_csv(index=False),
             "table_html": published.published_table(rows, self.lang)["html"], **said},
            images["wide_light"], "image/svg+xml",
        )  # fmt: skip

    def published_table(self, *cases: str, name: str) -> None:
        """Show published answers beside ours as a table; computed as by `published_figure`."""
        rows = self._compare(cases)
        built = published.published_table(rows, self.lang)
        self._emit(
            {"role": "table", "name": name, "csv": rows.to_csv(index=False), **built}, built["html"], "text/html"
        )

    def _compare(self, cases: tuple[str, ...]) -> pd.DataFrame:
        self.rows.extend(reproduce(case).table.assign(suppressed=False) for case in cases)
        return published.lay_out(cases)

    def facts(self, *items: tuple[Text, str]) -> None:
        """Show the strip of facts under the answer."""
        pairs = [{"label": label.say(self.lang), "value": value} for label, value in items]
        line = " · ".join(f"{pair['label']}: {pair['value']}" for pair in pairs)
        self._emit({"role": "facts", "name": "facts", "items": pairs}, f"<p>{words.escape(line)}</p>", "text/html")

    def answer(self, sentence: Callable[..., dict], *estimates: Estimate, **options) -> None:
        """Render the page's answer from protected rows."""
        said = sentence(self.protect(*estimates), self.lang, **options)
        said["status_word"] = words.label(said["status"], self.lang, "statuses")
        self._emit({"role": "answer", "name": "answer", **said}, f"<p>{said['html']}</p>", "text/html")

    def text(
        self, sentence: Callable[..., str], *estimates: Estimate, name: str, role: str = "text", **options
    ) -> None:
        """Render a sentence from protected rows."""
        html = sentence(self.protect(*estimates), self.lang, **options)
        self._emit({"role": role, "name": name, "html": html}, html, "text/html")

    def protect(self, *estimates: Estimate, keep: Callable[..., pd.DataFrame] = figures.every_row) -> pd.DataFrame:
        """Apply the disclosure limits to rows and write what passed and is kept into the record."""
        if not estimates:
            return pd.DataFrame(columns=[*COLUMNS, "suppressed"])
        rows = keep(pd.concat([protect(estimate) for estimate in estimates], ignore_index=True)).reset_index(drop=True)
        self.rows.append(rows)
        return rows

    def finish(self, *notes: Text) -> None:
        """Write the receipt and the released rows; a run without this last step has failed."""
        folder = os.environ.get(RUN_FOLDER)
        if not folder:
            return
        rows = pd.concat(self.rows, ignore_index=True) if self.rows else pd.DataFrame(columns=[*COLUMNS, "suppressed"])
        rows.drop_duplicates().to_csv(Path(folder) / "released.csv", index=False)
        Path(folder, "receipt.json").write_text(
            json.dumps(self._receipt(notes), ensure_ascii=False, indent=1), encoding="utf-8"
        )

    def _receipt(self, notes: tuple[Text, ...]) -> dict[str, Any]:
        warnings = [finding.what.say(self.lang) for finding in self.reg.findings]
        answer = next((payload for payload in self.payloads if payload["role"] == "answer"), None)
        return {
            "token": os.environ.get(TOKEN, ""),
            "notebook": self.notebook,
            "lang": self.lang,
            "parameters": dict(self.parameters),
            "as_of": f"{self.reg.as_of:%Y-%m-%d}",
            "synthetic": bool(self.reg.meta["synthetic"]),
            "source_name": str(self.reg.meta["name"]),
            "data_hash": self.reg.fingerprint,
            "released": [payload["digest"] for payload in self.payloads],
            "answer": {key: answer[key] for key in ("html", "status", "status_word")} if answer else None,
            "rule": rule_words().say(self.lang),
            "notes": [*(note.say(self.lang) for note in notes), *warnings],
        }

    def _emit(self, payload: dict[str, Any], shown: str, kind: str) -> None:
        if any(one["name"] == payload["name"] for one in self.payloads):
            raise PublishingError(
                en=f"Two outputs of this page are named {payload['name']!r}; names must differ.",
                vi=f"Hai kết quả của trang cùng tên {payload['name']!r}; tên phải khác nhau.",
            )
        payload["digest"] = digest_payload(payload)
        self.payloads.append(payload)
        display({MIME: payload, kind: shown, "text/plain": payload.get("alt", payload["name"])}, raw=True)


def open_gate(reg: Registry, *, notebook: str, parameters: Mapping[str, Any]) -> Gate:
    """Open the door for one page; nothing else of a notebook reaches a reader."""
    return Gate(reg=reg, lang=parameters["lang"], notebook=notebook, parameters=dict(parameters))


def in_batch() -> bool:
    """Say whether a runner executes this notebook, so that every variant of a figure is wanted."""
    return bool(os.environ.get(RUN_FOLDER))


def rule_words() -> Text:
    """Say the disclosure rule in words."""
    least, base = limits()
    return Text(
        f"Counts of fewer than {least} people are not shown, others are rounded to the nearest {base}; the targets' "
        "members, has, studying, need and short for the whole province are official figures and exact, and flows between "
        f"two days are merged until each is of {least} people or more, then exact, so that they add up.",
        f"Không nêu số dưới {least} người, các số khác làm tròn đến {base}; riêng số thành viên, đã có, đang học, số cần "
        "và số thiếu của các chỉ tiêu toàn tỉnh là số liệu chính thức, nêu chính xác; các luồng giữa hai ngày được gộp "
        f"đến khi mỗi luồng có từ {least} người, rồi nêu chính xác để cộng lại đúng.",
    )
