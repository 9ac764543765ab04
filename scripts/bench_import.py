"""How long does a year's workbook take? 477 projects with 3,022 indicators read, checked by all rules, and imported."""

import time
from collections.abc import Iterable

from bench_district import make_district, person
from bench_harness import Bench, Outcome

from db import demo
from db.connection import database_now
from service import imports
from service.demo import staff, year
from service.rules.interchange import from_interchange
from service.workbooks import write_declarations

SECONDS = 10.0


def workbook(bench: Bench) -> Iterable[Outcome]:
    """Upload and confirmation of the demo district's workbook, each as its page does it."""
    district = make_district(bench, "bench_import")
    contents = [from_interchange(project, year.TEMPLATE) for project in demo.projects()]
    for content in contents:
        content["fiscal_year"] = district.fiscal_year
    data = write_declarations(contents, template=year.TEMPLATE, measure_units=demo.measure_units())
    with district.session() as session:
        at = database_now(session)
        officer = person(session, staff.IMPORTER, at=at)
        began = time.perf_counter()
        checked = imports.upload(
            session, actor=officer, at=at, campaign_id=district.campaign_id, filename="demo.xlsx", content=data
        )
        session.commit()
        uploaded = time.perf_counter() - began
        imports.confirm(session, checked["import_id"], actor=officer, at=at)
        session.commit()
        spent = time.perf_counter() - began
    counts = ", ".join(f"{name} {number}" for name, number in checked["counts"].items())
    yield Outcome(
        name="import of 477 projects from XLSX",
        value=spent,
        unit="s",
        budget=SECONDS,
        seconds=spent,
        remarks=(
            f"read and checked in {uploaded:.1f} s, imported in {spent - uploaded:.1f} s; {len(data) / 1024:.0f} KiB",
            counts,
        ),
    )
