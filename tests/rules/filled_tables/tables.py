"""Filled tables in layouts that districts publish, right ones and wrong ones; names and figures are invented."""

MONEY = ("label", "initial", "adjusted", "executed", "weight", "rate", "score")
LINE = ("level1", "level2", "name", "target", "actual", "weight", "score", "reason")
TOTAL, FISCAL, CARRIED, OTHER = "年度资金总额", "其中:本年财政拨款", "上年结转资金", "其他资金"


def table(id_, money, lines, total=("100", "100"), **known):
    """A table in the interchange shape; `total` is (weight, score), None where there is no closing line."""
    return {
        "id": id_,
        "kind": "项目支出绩效自评表",
        "year": 2022,
        "unit": "示例单位",
        "project": "示例项目",
        "money_unit": "万元",
        "money": [dict(zip(MONEY, row, strict=True)) for row in money],
        "goal": "完成年度任务。",
        "goal_actual": "已完成。",
        "indicators": [
            {"operator": None, "unit": None, **(row if isinstance(row, dict) else dict(zip(LINE, row, strict=True)))}
            for row in lines
        ],
        "totals": None if total is None else {"weight": total[0], "score": total[1]},
        "indicators_complete": True,
        **known,
    }


def wide(text):
    """The text in full-width signs, as many input methods leave them."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def head(initial, adjusted, executed, rate, score, weight="10"):
    return (TOTAL, initial, adjusted, executed, weight, rate, score)


def part(label, initial, adjusted, executed):
    return (label, initial, adjusted, executed, None, None, None)


FULL = [head("100", "100", "100", "100.00%", "10"), part(FISCAL, "100", "100", "100")]
CLASSIC = [
    ("产出指标", "数量指标", "培训人次", "≥300人次", "312", "20", "20", ""),
    ("产出指标", "质量指标", "培训合格率", "≥95百分比", "96", "15", "15", ""),
    ("产出指标", "时效指标", "完成时间", "2022年11月底前", "2022年11月20日", "15", "15", ""),
    ("效益指标", "社会效益指标", "保障能力", "效果明显", "达成预期指标", "30", "30", ""),
    ("满意度指标", "服务对象满意度", "学员满意度", "≥90%", "92%", "10", "10", ""),
]


def changed(lines, **cells):
    """Lines with cells changed: `weight_1="30"` is the weight of the second line."""
    found = [list(line) for line in lines]
    for name, value in cells.items():
        column, _, row = name.rpartition("_")
        found[int(row)][LINE.index(column)] = value
    return [tuple(line) for line in found]


def of(weights, scores=None, **known):
    """Lines with these weights, each with all its points unless scores are given."""
    return [
        ("产出指标", "数量指标", f"工作量{number}", "≥1项", "1", weight, score, known.get("reason", ""))
        for number, (weight, score) in enumerate(zip(weights, scores or weights, strict=True), 1)
    ]


def sichuan(weights, actual="100", score=None):
    return [
        {
            "level1": "产出指标",
            "level2": "数量指标",
            "name": f"足额保障率{number}",
            "operator": "=",
            "target": "100",
            "unit": "%",
            "actual": actual,
            "weight": weight,
            "score": weight if score is None else score,
            "reason": "",
        }
        for number, weight in enumerate(weights, 1)
    ]


def sichuan_money(initial, adjusted, executed, rate, score):
    nothing = ("0.00", "0.00", "0.00", "/", "0.00%", "/")
    return [
        ("总额", initial, adjusted, executed, "10", rate, score),
        ("其中:财政资金", initial, adjusted, executed, "/", rate, "/"),
        ("财政专户管理资金", *nothing),
        ("单位资金", *nothing),
        ("其他资金", "", "", "", "/", "", "/"),
    ]


#: No weights, no column for reasons: 20 points for execution, 80 for the rest.
TWENTY = [
    ("产出指标(60分)", "数量指标", "补贴渔船数", "6", "6", None, "20", None),
    ("产出指标(60分)", "质量指标", "补贴发放率", "98%以上", "100%", None, "20", None),
    ("效益指标(40分)", "社会效益指标", "企业受益", "有利于推动企业走出去", "有利于推动企业走出去", None, "40", None),
]
EMPTY = ("产出指标", "数量指标", "", "", "", "", "", "")
DOTS = ("产出指标", "数量指标", "……", "", "", "", "", "")
SECOND = ("产出指标", "数量指标", "指标2", "", "", "", "", "")


def spent(initial, adjusted, executed, rate, score, weight="10"):
    return [head(initial, adjusted, executed, rate, score, weight), part(FISCAL, initial, adjusted, executed)]


RIGHT = [
    table("全部完成", FULL, CLASSIC),
    table("执行率一位小数，得分两位", spent("100", "96", "90", "93.8", "9.38"), CLASSIC, ("100", "99.38")),
    table("执行率截尾", spent("108", "108", "100", "92.59", "9.25"), CLASSIC, ("100", "99.25")),
    table("执行率写成小数", spent("108", "108", "100", "0.9259", "9.26"), CLASSIC, ("100", "99.26")),
    table("执行率取整，得分按取整的执行率", spent("43.2", "43.2", "37.24", "86%", "8.6"), CLASSIC, ("100", "98.6")),
    table("表格软件的尾数", spent("43.2", "43.2", "37.24", "0.862037037037037", "8.62037037037037"), CLASSIC, ("100", "98.62037037037037")),
    table("全角数字", spent(wide("100"), wide("96"), wide("90"), wide("93.75%"), wide("9.38分"), wide("10分")), CLASSIC, (wide("100"), wide("99.38"))),
    table("20分和80分", [("年度财政资金总额", None, "285.84", "285.84", "20", "100%", "20")], TWENTY),
    table("20分和80分，执行率写1", [("年度财政资金总额", None, "1.56", "1.56", None, "1", "20")], TWENTY),
    table("20分和80分，预算数在第一栏", [("年度财政资金总额", "285.84", None, "262.97", "20", "92%", "18.4")], TWENTY, (None, "98.4")),
    table("四个22.5", sichuan_money("0.00", "3.36", "3.36", "100.00%", "10"), sichuan(["22.5"] * 4)),
    table("四个22.5，没有资金栏", [], sichuan(["22.5"] * 4), ("100", "")) | {"expect": ["TOTAL_SCORE_MISSING"]},
    table("空行和省略号", FULL, [CLASSIC[0], SECOND, DOTS, EMPTY, *CLASSIC[1:], ("效益指标", "生态效益指标", "指标1", "", "", "", "", "0")]),
    table("没有金额的项目", spent("0", "0", "0", "0", "0"), CLASSIC, ("100", "90")),
    table("没有金额的项目，执行率留空", spent("0.00", "0.00", "0.00", "", "10"), CLASSIC),
    table(
        "上年结转，单位元",
        [head("1,250,000.00", "1,375,000.00", "1,210,000.00", "88%", "8.8"), part(FISCAL, "1,000,000.00", "1,000,000.00", "900,000.00"),
         part(CARRIED, "200,000.00", "325,000.00", "260,000.00"), part(OTHER, "50,000.00", "50,000.00", "50,000.00")],
        CLASSIC, ("100", "98.8"), money_unit="元",
    ),
    table(
        "财政拨款下再分中央和区级",
        [head("100", "100", "100", "100%", "10"), part("财政拨款", "90", "90", "90"), part("其中:中央资金", "60", "60", "60"),
         part("区级资金", "30", "30", "30"), part(OTHER, "10", "10", "10")],
        CLASSIC,
    ),
    table(
        "中央、省级、区级并列",
        [head("100", "100", "100", "100%", "10"), part("其中:中央财政资金", "60", "60", "60"), part("省级财政资金", "30", "30", "30"), part("区级财政资金", "10", "10", "10")],
        CLASSIC,
    ),
    table("总额保留两位，分项三位", [head("90", "89.97", "89.97", "100%", "10"), part(FISCAL, "90", "89.974", "89.974")], CLASSIC),
    table("分项未填", [head("90", "90", "90", "100%", "10"), part(FISCAL, "", "", ""), part(OTHER, "", "", "")], CLASSIC),
    table("预算执行率列为指标", [head("100", "100", "95", "95%", None, None)], [("预算执行率", "预算执行率", "预算执行率", "100%", "95%", "10", "9.5", "年底结算"), *CLASSIC], ("100", "99.5")),
    table("执行率两处都写", spent("100", "100", "95", "95%", "9.5"), [("预算执行率", "预算执行率", "预算执行率", "100%", "95%", "10", "9.5", "年底结算"), *CLASSIC], ("100", "99.5")),
    table("执行率不计分，指标共100分", [head("100", "100", "95", "95%", None, None)], [*CLASSIC, *of(["10"])]),
    table("七个12.86", FULL, of(["12.86"] * 6 + ["12.84"])),
    table("三个30.03合计90.09", FULL, of(["33.33", "33.33", "23.33"]), ("100", "99.99")),
    table("分值写百分比", spent("100", "100", "100", "100%", "10", "10%"), of(["40%", "30%", "20%"], ["40", "30", "20"])),
    table("合计写成一行", FULL, [*CLASSIC, ("总分", "", "", "", "", "100", "100", "")], None),
    table("得分栏合并", FULL, [*CLASSIC[:3], ("效益指标", "社会效益指标", "保障能力", "效果明显", "明显", "30", "30", ""), ("效益指标", "社会效益指标", "服务能力", "效果明显", "明显", "", "", ""), CLASSIC[4]]),
    table("扣分已说明", FULL, changed(CLASSIC, actual_1="93", score_1="14.68", reason_1="部分学员缺考"), ("100", "99.68")),
    table("不适用的一行", FULL, [*CLASSIC, ("效益指标", "生态效益指标", "节能降耗", "/", "/", "/", "/", "/")]),
    table("没有原因一栏", FULL, changed(CLASSIC, **{f"reason_{row}": None for row in range(5)}, score_1="14"), ("100", "99")),
    table("金额很小，按元计算的执行率", spent("0.35", "0.35", "0.33", "96.68%", "9.67"), CLASSIC, ("100", "99.67")),
    table("全年预算数留空", spent("100", "", "95", "95%", "9.5"), CLASSIC, ("100", "99.5")),
    table("只有前一半", spent("90", "90", "89.974", "99.97%", "10"), CLASSIC[:2], None, indicators_complete=False),
    table("几百元，还没有支出", spent("0.04", "0.04", "0.0", "0%", "0"), CLASSIC, ("100", "90")),
    table("执行数多保留一位", spent("132.91", "132.91", "132.912", "100%", "10"), CLASSIC),
    table("分值是百分比格式的小数", spent("100", "100", "100", "100%", "10", "0.1"), of(["0.4", "0.3", "0.2"], ["40", "30", "20"]), ("1", "100")),
    table("没有分值，一个得分管两行", [("年度财政资金总额", None, "10", "10", "20", "100%", "20")], [*TWENTY, ("效益指标(40分)", "可持续影响指标", "长期作用", "有利", "有利", None, "", None)]),
    table("在最后一行中间截断", FULL, changed(CLASSIC[:2], actual_1="", weight_1="", score_1=""), None, indicators_complete=False),
    table("成本20分的模板", FULL, of(["20", "15", "15", "10", "20", "10"])),
    table("得分一位小数", spent("300", "300", "200", "66.7%", "6.7"), CLASSIC, ("100", "96.7")),
    table("总额前写总计", [("总计", "100", "100", "100", "10", "100", "10"), part("1.财政资金", "80", "80", "80"), part("2.单位资金", "20", "20", "20")], CLASSIC),
]  # fmt: skip

WRONG = [
    table("总额为零，分项不为零", [head("0", "0", "0", "0", "0"), part(FISCAL, "90", "89.974", "89.974"), part(CARRIED, "", "", "")],
          changed(CLASSIC[:2], target_0="≥50个", actual_0="50"), None, indicators_complete=False, expect=["MONEY_TOTAL_NE_PARTS"]),
    table("全年预算数一栏不平", [head("100", "96", "90", "93.75%", "9.38"), part(FISCAL, "90", "90", "80"), part(OTHER, "10", "10", "10")],
          CLASSIC, ("100", "99.38"), expect=["MONEY_TOTAL_NE_PARTS"]),
    table("执行率86%得9分", spent("43.2", "43.2", "37.24", "86%", "9"), [CLASSIC[0], SECOND, DOTS, *CLASSIC[1:]], ("100", "99"), expect=["EXEC_SCORE_WRONG"]),
    table("执行率99%得10分", spent("100", "100", "99", "99%", "10"), CLASSIC, expect=["EXEC_SCORE_WRONG"]),
    table("执行率得分12分", spent("100", "100", "100", "100%", "12"), CLASSIC, ("100", "102"), expect=["EXEC_SCORE_WRONG"]),
    table("20分的执行率得分有误", [("年度财政资金总额", None, "285.84", "262.97", "20", "92%", "20")], TWENTY, expect=["EXEC_SCORE_WRONG"]),
    table("执行率按年初预算计算", spent("100", "90", "85", "85%", "8.5"), CLASSIC, ("100", "98.5"), expect=["EXEC_RATE_WRONG", "EXEC_SCORE_WRONG"]),
    table("执行率小数有误", spent("100", "100", "90", "0.95", "9"), CLASSIC, ("100", "99"), expect=["EXEC_RATE_WRONG"]),
    table("全角执行率有误", spent(wide("100"), wide("96"), wide("90"), wide("95%"), wide("9.38")), CLASSIC, ("100", "99.38"), expect=["EXEC_RATE_WRONG"]),
    table("分项的执行率有误", [head("100", "100", "100", "100%", "10"), (FISCAL, "100", "100", "100", "/", "90.00%", "/")], CLASSIC, expect=["EXEC_RATE_WRONG"]),
    table("未填执行率", spent("100", "96", "90", "", "9.38"), CLASSIC, ("100", "99.38"), expect=["EXEC_RATE_MISSING"]),
    table("执行数超过预算数", spent("80", "90", "95", "105.56%", "10"), CLASSIC, expect=["EXEC_OVER_100"]),
    table("下达后未自评", sichuan_money("238.93", "251.89", "251.89", "100.00%", ""), sichuan(["60", "30"], "", ""), ("100", ""),
          expect=["EXEC_SCORE_MISSING", "TOTAL_SCORE_MISSING", "SCORE_MISSING", "ACTUAL_MISSING"]),
    table("未填总分", FULL, CLASSIC, ("100", ""), expect=["TOTAL_SCORE_MISSING"]),
    table("五个22.5", FULL, of(["22.5"] * 5), ("100", "122.5"), expect=["WEIGHTS_NE_100"]),
    table("分值合计95", FULL, changed(CLASSIC, weight_0="15", score_0="15"), ("100", "95"), expect=["WEIGHTS_NE_100"]),
    table("指标100分又加执行率10分", FULL, of(["50", "40", "10"]), ("110", "110"), expect=["WEIGHTS_NE_100"]),
    table("20分和80分，分值合计90", [("年度财政资金总额", None, "10", "10", "20", "100%", "20")], of(["50", "20"]), ("90", "90"), expect=["WEIGHTS_NE_100"]),
    table("总分未扣执行率的分", spent("100", "100", "92", "92%", "9.2"), CLASSIC, expect=["SCORES_NE_TOTAL"]),
    table("总分取整", spent("100", "100", "94", "94%", "9.4"), CLASSIC, ("100", "99"), expect=["SCORES_NE_TOTAL"]),
    table("没有分值，一行未填得分", [("年度财政资金总额", None, "10", "10", "20", "100%", "20")], [*TWENTY[:2], ("效益指标(40分)", "可持续影响指标", "长期作用", "有利", "有利", None, "", None)], expect=["SCORE_MISSING"]),
    table("总分多加一分", FULL, changed(CLASSIC, score_1="14", reason_1="缺考"), ("100", "100"), expect=["SCORES_NE_TOTAL"]),
    table("未填得分，总分仍不可能", FULL, changed(CLASSIC, score_4=""), ("100", "80"), expect=["SCORES_NE_TOTAL", "SCORE_MISSING"]),
    table("得分超过分值", FULL, changed(CLASSIC, score_0="25"), ("100", "105"), expect=["SCORE_GT_WEIGHT"]),
    table("扣分未说明", FULL, changed(CLASSIC, score_1="14.5"), ("100", "99.5"), expect=["SCORE_LOST_NO_REASON"]),
    table("扣分原因写无", FULL, changed(CLASSIC, score_1="14.5", reason_1="无"), ("100", "99.5"), expect=["SCORE_LOST_NO_REASON"]),
    table("一项未填得分", FULL, changed(CLASSIC, score_3=""), expect=["SCORE_MISSING"]),
    table("实际值写短横线", FULL, changed(CLASSIC, actual_0="—"), expect=["ACTUAL_MISSING"]),
    table("定性指标未填实际值", FULL, changed(CLASSIC, actual_3=""), expect=["ACTUAL_MISSING"]),
    table("半张表也能证明的错", spent("90", "90", "80", "95%", "9.5"), changed(CLASSIC[:2], score_0="21"), None, indicators_complete=False,
          expect=["EXEC_RATE_WRONG", "EXEC_SCORE_WRONG", "SCORE_GT_WEIGHT"]),
]  # fmt: skip


def expected(given):
    """The errors a table must show, and nothing else."""
    return sorted(given.get("expect", []))
