"""Filled tables as workbooks in the layouts districts use, merged cells and all."""

from io import BytesIO

from openpyxl import Workbook

from tests.rules.filled_tables.tables import wide


def workbook(*sheets):
    """The bytes of a workbook; a sheet is (name, rows, merged ranges)."""
    book = Workbook()
    book.remove(book.active)
    for name, rows, merged in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for ranges in merged:
            sheet.merge_cells(ranges)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


#: The official form: project money and indicator groups merged downwards, the title across.
OFFICIAL = [
    ["项目支出绩效自评表"],
    ["（2022年度）"],
    ["项目名称", None, "示例培训项目"],
    ["主管部门", None, "示例主管部门", None, "实施单位", None, "示例实施单位"],
    ["项目资金\n（万元）", None, None, "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
    [None, "年度资金总额", None, 100, 96, 90, 10, 0.9375, 9.375],
    [None, "其中：当年财政拨款", None, 80, 76, 70, "—", "—", "—"],
    [None, "      上年结转资金", None, 20, 20, 20, "—", "—", "—"],
    [None, "      其他资金", None, None, None, None, "—", "—", "—"],
    ["年度总体目标", "预期目标", None, None, None, "实际完成情况"],
    [None, "完成培训300人次。", None, None, None, "完成培训312人次。"],
    ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"],
    ["产出指标（50分）", "数量指标", "指标1：培训人次", "≥300人次", 312, 20, 20, None],
    [None, None, "指标2：", None, None, None, None, None],
    [None, None, "……", None, None, None, None, None],
    [None, "质量指标", "培训合格率", "≥95百分比", "93%", 15, 14.68, "部分学员缺考"],
    [None, "时效指标", "完成时间", "2022年11月底前", "2022年11月20日", 15, 15, None],
    ["效益指标（30分）", "社会效益指标", "就业率", "≥60%", "61%", 30, 30, None],
    ["满意度指标（10分）", "服务对象满意度指标", "学员满意度", "≥90％", "92％", 10, 10, None],
    ["总分", None, None, None, None, 100, 99.055, None],
    ["填表人：演示", None, None, "联系电话：000"],
]
OFFICIAL_MERGED = [
    "A1:I1", "A2:I2", "A3:B3", "C3:I3", "A5:A9", "B6:C6", "B7:C7", "B8:C8", "B9:C9", "A10:A11", "A13:A17", "B13:B15",
    "A20:E20",
]  # fmt: skip

#: A form with sign and unit in columns of their own and other words for the amounts.
SIGNS = [
    ["报表编号：示例"],
    ["部门预算项目支出绩效自评表（2023年度）"],
    ["项目名称", "示例工资项目"],
    ["主管部门", "示例主管部门", None, None, "实施单位 （盖章）", "示例单位"],
    ["预算执行情况（10分）", "年度预算数（万元）", "年初预算", "调整后预算数", "预算执行数", "预算执行率", "权重", "得分", "原因"],
    [None, "总额", "238.93", "251.89", "251.89", "100.00%", "10", None, None],
    [None, "其中：财政资金", "238.93", "251.89", "251.89", "100.00%", "/", "/", None],
    [None, "财政专户管理资金", "0.00", "0.00", "0.00", "0.00%", "/", "/", None],
    [None, "单位资金", "0.00", "0.00", "0.00", "0.00%", "/", "/", None],
    [None, "其他资金", None, None, None, None, "/", "/", None],
    ["绩效指标（90分）", "一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "完成值", "权重", "得分", "未完成原因分析"],
    [None, "产出指标", "数量指标", "发放覆盖率", wide("="), "100", "%", None, 22.5, None, None],
    [None, None, None, "科目调整次数", "≤", "10", "次", None, 22.5, None, None],
    [None, None, "时效指标", "按时发放率", wide("="), "100", "%", None, 22.5, None, None],
    [None, "效益指标", "社会效益指标", "足额保障率", wide("="), "100", "%", None, 22.5, None, None],
    ["合计", None, None, None, None, None, None, None, 100, None, None],
    ["评价结论", "结合自评情况说明。"],
]  # fmt: skip
SIGNS_MERGED = ["A2:K2", "A5:A10", "A11:A15", "B12:B14", "C12:C13", "A16:H16", "I6:I10"]

#: 20 points for execution, 80 for the rest, no column of weights.
TWENTY = [
    ["2020年度示例补贴项目自评表"],
    ["单位名称：示例单位", None, None, None, "填报日期：2021年4月22日"],
    ["项目名称", "示例补贴项目"],
    ["预算执行情况（万元）（20分）", None, "预算数（A）", "执行数（B）", "执行率（B/A）", "得分（20分*执行率）"],
    [None, "年度财政资金总额", 285.84, 285.84, 1, 20],
    ["一级指标", "二级指标", "三级指标", "年初目标值（A）", "实际完成值（B）", "得分"],
    ["产出指标（60分）", "数量指标", "补贴渔船数", 6, 6, 20],
    [None, "质量指标", "补贴发放率", "98%以上", 1, 20],
    ["效益指标（40分）", "社会效益指标", "企业受益", "有利于推动", "有利于推动", 40],
    ["总分", None, None, None, None, 100],
    ["偏差大或目标未完成原因分析", "无"],
]
TWENTY_MERGED = ["A1:F1", "A4:A5", "A7:A8", "A10:E10"]


def with_cell(rows, cell, value):
    """The rows with one cell changed; `cell` in A1 notation, one letter."""
    found = [list(row) for row in rows]
    row = found[int(cell[1:]) - 1]
    place = ord(cell[0]) - ord("A")
    row.extend([None] * (place + 1 - len(row)))
    row[place] = value
    return found
