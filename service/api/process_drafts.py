"""Changes of processes for programs: which are on their way, their rule sets and scenarios, and what they would do."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import change_review, drafts, rule_sets, trial_runs
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import LONGEST_TEXT, BodySchema, Schema, text_id
from service.permission import permission
from service.scenarios import LONGEST
from service.web import current

operations = Blueprint(
    "api_process_drafts",
    __name__,
    url_prefix="/api/v1/process-drafts",
    description="流程草稿：规则集、情景模拟和历史试运行",
)
#: A list of words may hold 300 words of 20 characters with what parts them.
_LONGEST_VALUE = 3 * LONGEST_TEXT + 300
_VERSION = {"description": "最后看到的草稿版本号；他人已保存时答复 409"}


class ProcessDraftSchema(Schema):
    id = fields.String()
    process_id = fields.String()
    title = fields.String()
    state = fields.String(metadata={"description": "draft 编制、testing 测试或 submitted 送审"})
    state_label = fields.String()
    version = fields.Integer()
    saved_at = fields.DateTime()
    case_id = fields.String(allow_none=True, metadata={"description": "审批这项变更的业务件"})


class RuleParameterSchema(Schema):
    name = fields.String(metadata={"description": "修改时用的名称，如 quality.weight_min"})
    group = fields.String(metadata={"description": "所属文件，只有一个时为空"})
    label = fields.String()
    unit = fields.String()
    value = fields.String(metadata={"description": "草稿中的值；词表以“、”分隔"})
    minimum = fields.String(allow_none=True, metadata={"description": "词表没有上下限，为 null"})
    maximum = fields.String(allow_none=True)


class RuleSetsSchema(Schema):
    version = fields.Integer()
    parameters = fields.List(fields.Nested(RuleParameterSchema))


class RuleValuesSchema(BodySchema):
    version = fields.Integer(required=True, strict=True, metadata=_VERSION)
    values = fields.Dict(
        keys=text_id(),
        values=fields.String(validate=validate.Length(max=_LONGEST_VALUE)),
        required=True,
        metadata={"description": "参数名称 → 新值；没有写明的保持不变"},
    )


class StoryDecisionSchema(BodySchema):
    step = fields.String(load_default="", metadata={"description": "步骤（node_id）；等待期限时为空"})
    verb = fields.String(
        required=True, metadata={"description": "处理结果，如 submit、approve、return；wait 为时间经过"}
    )
    facts = fields.Dict(keys=fields.String(), load_default=dict, metadata={"description": "表单内容：文字、整数或是否"})
    to = fields.String(load_default="", metadata={"description": "退回到的步骤；不给时为第一个可退回的"})


class StorySchema(BodySchema):
    facts = fields.Dict(keys=fields.String(), load_default=dict, metadata={"description": "业务件开始时已知的内容"})
    decisions = fields.List(
        fields.Nested(StoryDecisionSchema), load_default=list, validate=validate.Length(max=LONGEST)
    )


class KeptStorySchema(StorySchema):
    version = fields.Integer(required=True, strict=True, metadata=_VERSION)
    name = fields.String(required=True, validate=validate.Length(min=1, max=100))


class PlayedSchema(Schema):
    moments = fields.List(
        fields.Dict(), metadata={"description": "开始和每个决定：步骤、处理结果、经过的连线、其后在办的步骤"}
    )
    open = fields.List(fields.Dict(), metadata={"description": "在办的步骤、办理人和可以作出的决定"})
    asked = fields.List(fields.Dict(), metadata={"description": "条件要用到的业务件内容"})
    waits = fields.Boolean(metadata={"description": "只等时间经过"})
    completed = fields.Boolean()
    stage = fields.String()
    stage_label = fields.String()
    problem = fields.String(metadata={"description": "最后一个决定不能执行的原因；都能执行时为空"})


class JudgedSchema(Schema):
    scenarios = fields.List(fields.Dict(), metadata={"description": "每个情景的路径、结束阶段、是否符合预期"})
    coverage = fields.Dict(metadata={"description": "情景覆盖的连线和百分比"})
    walks = fields.Dict(metadata={"description": "一百次随机走查的结果"})


class DraftVersionSchema(Schema):
    version = fields.Integer(metadata={"description": "保存后的草稿版本号"})


class SeasonQuerySchema(Schema):
    campaign_id = text_id(required=True, metadata={"description": "用哪个批次的业务件试运行"})


class DryRunSchema(Schema):
    same = fields.Integer(metadata={"description": "路径相同的件数"})
    differ = fields.Integer(metadata={"description": "路径不同的件数"})
    cannot_run = fields.Integer(metadata={"description": "不能运行的件数"})
    groups = fields.List(fields.Dict(), metadata={"description": "按第一处不同分组，件数多的在前；含两条路径"})


@operations.get("")
@permission("process.read")
@operations.response(200, ProcessDraftSchema(many=True))
def index() -> Any:
    """尚未发布的流程草稿，最近保存的在前；只对拟定和批准流程的岗位开放。"""
    return drafts.listed(wiring.session(), actor=current.actor())


@operations.get("/<draft_id>/rules")
@permission("process.read")
@operations.response(200, RuleSetsSchema)
def rules(draft_id: str) -> Any:
    """草稿的规则集参数：质量规则的限值和词表、计分规则的分值；没有规则集的流程为空。"""
    draft = drafts.one(wiring.session(), draft_id, actor=current.actor())
    found = [
        {
            **{name: getattr(parameter, name) for name in ("name", "group", "label", "unit")},
            "value": parameter.shown(draft.rule_sets),
            "minimum": None if parameter.words else str(parameter.minimum),
            "maximum": None if parameter.words else str(parameter.maximum),
        }
        for parameter in rule_sets.parameters(draft.rule_sets)
    ]
    return {"version": draft.version, "parameters": found}


@operations.put("/<draft_id>/rules")
@permission("process.prepare")
@operations.arguments(RuleValuesSchema)
@operations.response(200, DraftVersionSchema)
@operations.doc(parameters=[KEY_HEADER])
def set_rules(wanted: dict[str, Any], draft_id: str) -> Any:
    """修改草稿的规则集参数；随新版本审批后生效，进行中的批次不变。"""
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        draft = drafts.one(session, draft_id, actor=who)
        known = {parameter.name for parameter in rule_sets.parameters(draft.rule_sets)}
        strange = sorted(wanted["values"].keys() - known)
        drafts.refuse([drafts.problem(name, f"没有参数“{name}”，请按查询所得的名称填写。") for name in strange])
        made, found = rule_sets.changed(draft.rule_sets, wanted["values"])
        drafts.refuse(found)
        saved = drafts.save(session, draft_id, actor=who, at=at, version=wanted["version"], rule_sets=made)
        return {"version": saved["version"]}

    return answered(current.change(action, route="rule_sets.keep"))


@operations.get("/<draft_id>/scenarios")
@permission("process.read")
@operations.response(200, JudgedSchema)
def scenarios(draft_id: str) -> Any:
    """草稿的情景逐个重走：是否符合预期、覆盖多少连线，以及一百次随机走查。"""
    return change_review.walks(wiring.session(), draft_id, actor=current.actor())


@operations.post("/<draft_id>/scenarios")
@permission("process.prepare")
@operations.arguments(KeptStorySchema)
@operations.response(201, DraftVersionSchema)
@operations.doc(parameters=[KEY_HEADER])
def keep(wanted: dict[str, Any], draft_id: str) -> Any:
    """保存情景，以现在走出的路径为预期；同名的情景被替换。"""
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return {"version": trial_runs.keep(session, draft_id, actor=who, at=at, **wanted)["version"]}

    return answered(current.change(action, route="trial_runs.keep"), 201)


@operations.post("/<draft_id>/simulation")
@permission("process.work")
@operations.arguments(StorySchema)
@operations.response(200, PlayedSchema)
def play(wanted: dict[str, Any], draft_id: str) -> Any:
    """在草稿上逐个决定地模拟一件业务；什么都不保存。"""
    return trial_runs.played(wiring.session(), draft_id, actor=current.actor(), **wanted)


@operations.get("/<draft_id>/dry-run")
@permission("process.read")
@operations.arguments(SeasonQuerySchema, location="query")
@operations.response(200, DryRunSchema)
def dry_run(query: dict[str, Any], draft_id: str) -> Any:
    """用一个批次已有的业务件试运行草稿：多少件路径相同、不同、不能运行；什么都不保存。"""
    asked: dict[str, Any] = {"actor": current.actor(), "at": current.at()}
    return change_review.on_season(wiring.session(), draft_id, query["campaign_id"], **asked).to_json()
