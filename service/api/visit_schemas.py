"""What programs read of a step beside its form: how a vote stands, what changed, what a verb would do."""

from marshmallow import fields

from service.api.schemas import Schema


class VoterSchema(Schema):
    seat_id = fields.String()
    person = fields.String()
    role = fields.String()
    part = fields.String(metadata={"description": "vote 表决；before、after、advice 只发表意见"})
    part_label = fields.String()
    weight = fields.Integer()
    state = fields.String()
    state_label = fields.String()
    vote = fields.String(allow_none=True)
    vote_label = fields.String()
    opinion = fields.String(allow_none=True)
    decided_at = fields.DateTime(allow_none=True)
    on_behalf_of = fields.String(allow_none=True)


class VoteTallySchema(Schema):
    rule = fields.String(metadata={"description": "first、all、sequential 或 ratio"})
    rule_label = fields.String()
    veto = fields.Boolean()
    collect_all = fields.Boolean()
    yes = fields.Integer(metadata={"description": "票数按权重计"})
    no = fields.Integer()
    abstain = fields.Integer()
    pending = fields.Integer()
    needed = fields.Integer()
    total = fields.Integer()
    certain = fields.String(allow_none=True, metadata={"description": "结果已定时为 yes 或 no"})
    voters = fields.List(fields.Nested(VoterSchema))


class WritingSchema(Schema):
    code = fields.String(metadata={"description": "暂存时的表单代码；只写意见的席位为 opinion"})
    draft_version = fields.Integer()
    saved_at = fields.DateTime(allow_none=True)


class FormChangeSchema(Schema):
    path = fields.String(attribute="change.path")
    label = fields.String(attribute="change.label")
    old = fields.String(attribute="change.old")
    new = fields.String(attribute="change.new")
    material = fields.Boolean(attribute="change.material", metadata={"description": "关键修改，须逐级重审"})
    person = fields.String()
    at = fields.DateTime(allow_none=True)
    round = fields.Integer(allow_none=True)


class ComparisonSchema(Schema):
    base = fields.String()
    label = fields.String()
    bases = fields.Function(
        lambda comparison: [base for base, _ in comparison.bases],
        metadata={"type": "array", "items": {"type": "string"}, "description": "可以比较的对象"},
    )
    changes = fields.List(fields.Nested(FormChangeSchema))


class TouchedStepSchema(Schema):
    node_id = fields.String()
    node_name = fields.String()
    people = fields.List(fields.String())
    due_at = fields.DateTime(allow_none=True)


class CommandEffectsSchema(Schema):
    closes = fields.List(fields.Nested(TouchedStepSchema), metadata={"description": "将取消的在办任务"})
    seats = fields.List(fields.String(), metadata={"description": "不再征求意见的人员"})
    opens = fields.List(fields.Nested(TouchedStepSchema), metadata={"description": "将打开的环节及期限"})
    lapses = fields.List(fields.String(), metadata={"description": "意见失效的环节"})
    restores = fields.List(fields.String(), metadata={"description": "意见恢复有效的环节"})
    round = fields.Integer()
    finished = fields.Boolean()
    stage_label = fields.String()
    told = fields.List(fields.String(), metadata={"description": "将收到通知的人员"})
