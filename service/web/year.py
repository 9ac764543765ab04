"""The page of the district's year: what is usual, the seasons with their days, and what falls due."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from service import request as wiring
from service import year_calendar
from service.people import day
from service.permission import permission
from service.web import current

pages = Blueprint("year", __name__, url_prefix="/year")
MONTHS = tuple(range(1, 13))
#: Names of the use cases that pages show by `word`.
WORDS = (
    lazy_gettext("年度工作方案、制度文件和培训"),
    lazy_gettext("人代会审议预算，批准后20日内批复到部门"),
    lazy_gettext("财政重点评价"),
    lazy_gettext("上年度项目支出绩效自评"),
    lazy_gettext("自评审核、抽查和部门整体自评"),
    lazy_gettext("决算和整体自评报人大"),
    lazy_gettext("下年度事前绩效评估通知"),
    lazy_gettext("下年度新增重大项目事前绩效评估"),
    lazy_gettext("下年度绩效目标随“一上”预算填报"),
    lazy_gettext("1至7月绩效运行监控"),
    lazy_gettext("评价结果应用于下年度预算"),
    lazy_gettext("监控整改"),
    lazy_gettext("主管部门和资金科室审核下年度目标"),
    lazy_gettext("二次监控（1至9月，可选）"),
    lazy_gettext("会签入库，下达控制数（“一下”）"),
    lazy_gettext("本年度绩效目标调整截止"),
    lazy_gettext("“二上”，目标同步调整"),
    lazy_gettext("部门绩效管理考核，年度开展情况说明"),
)


@pages.get("")
@permission("year.read")
def index() -> ResponseReturnValue:
    session, at = wiring.session(), current.at()
    known = year_calendar.years(session, at)
    text = request.args.get("year", "")
    today = day(at)
    chosen = int(text) if text.isascii() and text.isdecimal() and int(text) in known else today.year
    found = year_calendar.of_year(session, chosen, actor=current.actor(), at=at)
    return render_template("year/index.html", year=found, years=known, months=MONTHS)
