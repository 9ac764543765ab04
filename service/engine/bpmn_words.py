"""What is the standard's own vocabulary (BPMN 2.0.2), and what are its elements called in Chinese?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: Elements of the standard that a released process may not hold, with their Chinese titles.
BANNED: Mapping[str, str] = MappingProxyType(
    {
        "task": "普通任务",
        "scriptTask": "脚本任务",
        "manualTask": "人工任务",
        "sendTask": "发送任务",
        "receiveTask": "接收任务",
        "adHocSubProcess": "即席子流程",
        "transaction": "事务子流程",
        "complexGateway": "复杂网关",
        "eventBasedGateway": "事件网关",
        "eventGateway": "事件网关",
        "event": "抽象事件",
        "implicitThrowEvent": "隐式抛出事件",
        "dataStore": "数据存储",
        "dataStoreReference": "数据存储",
        "dataState": "数据状态",
        "compensateEventDefinition": "补偿事件",
        "linkEventDefinition": "链接事件",
        "conditionalEventDefinition": "条件事件",
        "cancelEventDefinition": "取消事件",
        "standardLoopCharacteristics": "标准循环",
        "complexBehaviorDefinition": "复杂循环行为",
        "script": "脚本",
        "choreography": "编排图",
        "globalChoreographyTask": "全局编排任务",
        "choreographyTask": "编排任务",
        "subChoreography": "子编排",
        "callChoreography": "调用编排",
        "conversation": "会话",
        "subConversation": "子会话",
        "callConversation": "调用会话",
        "globalConversation": "全局会话",
        "conversationNode": "会话节点",
        "conversationLink": "会话连线",
        "conversationAssociation": "会话关联",
        "globalTask": "全局任务",
        "globalUserTask": "全局人工审批",
        "globalManualTask": "全局人工任务",
        "globalScriptTask": "全局脚本任务",
        "globalBusinessRuleTask": "全局业务规则任务",
        "interface": "接口",
        "operation": "接口操作",
        "ioBinding": "接口绑定",
        "endPoint": "端点",
        "itemDefinition": "数据类型定义",
        "import": "外部导入",
        "extension": "扩展声明",
        "relationship": "关系",
        "resource": "资源",
        "resourceRole": "资源角色",
        "performer": "执行人",
        "humanPerformer": "办理人",
        "potentialOwner": "候选办理人",
        "resourceAssignmentExpression": "人员分配表达式",
        "resourceParameter": "资源参数",
        "resourceParameterBinding": "资源参数绑定",
        "partnerEntity": "合作方",
        "partnerRole": "合作方角色",
        "correlationProperty": "关联属性",
        "correlationKey": "关联键",
        "correlationSubscription": "关联订阅",
        "messageFlowAssociation": "消息流关联",
        "participantAssociation": "参与者关联",
        "participantMultiplicity": "参与者数量",
        "monitoring": "监控",
        "auditing": "审计",
        "rendering": "界面呈现",
        "assignment": "数据赋值",
        "transformation": "数据转换",
        "activationCondition": "激活条件",
        "formalExpression": "表达式",
    }
)

_ATTRIBUTES = """activityRef associationDirection attachedToRef behavior body calledElement cancelActivity
    cancelRemainingInstances capacity categoryValueRef choreographyRef completionQuantity correlationPropertyRef
    dataObjectRef dataStoreRef default definition definitionalCollaborationRef direction
    errorCode errorRef escalationCode escalationRef evaluatesToTypeRef eventGatewayType exporter exporterVersion
    expressionLanguage gatewayDirection id implementation implementationRef importType initiatingParticipantRef
    instantiate isClosed isCollection isExecutable isForCompensation isImmediate isInterrupting isSequential
    isUnlimited itemKind itemRef itemSubjectRef language location loopMaximum loopType maximum messageRef method minimum
    mustUnderstand name namespace noneBehaviorEventRef oneBehaviorEventRef operationRef ordering parallelMultiple
    parameterRef partitionElementRef processRef processType scriptFormat signalRef sourceRef startQuantity
    structureRef targetNamespace targetRef testBefore textFormat triggeredByEvent type typeLanguage value
    waitForCompletion"""

#: Every attribute name without prefix that the standard knows.
ATTRIBUTES = frozenset(_ATTRIBUTES.split())

#: Attributes of the standard that would change the process, with the only value this system carries out.
FIXED: Mapping[str, str] = MappingProxyType(
    {
        "isForCompensation": "false",
        "startQuantity": "1",
        "completionQuantity": "1",
        "isInterrupting": "true",
        "parallelMultiple": "false",
        "instantiate": "false",
        "behavior": "All",
    }
)
