"""Diagrams as real modellers save them: whole small files, each in the manner of one tool."""

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = (
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)

BPMN_IO = f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions {DI} xmlns:bpmn="{MODEL}" id="Definitions_0fzk4qd" targetNamespace="http://bpmn.io/schema/bpmn" exporter="bpmn-js (https://demo.bpmn.io)" exporterVersion="17.11.1">
  <bpmn:process id="Process_1rv3s0l" isExecutable="false">
    <bpmn:startEvent id="StartEvent_1uyyhzh"><bpmn:outgoing>Flow_1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:task id="Activity_0e2" name="Review"><bpmn:incoming>Flow_1</bpmn:incoming><bpmn:outgoing>Flow_2</bpmn:outgoing></bpmn:task>
    <bpmn:sequenceFlow id="Flow_1" sourceRef="StartEvent_1uyyhzh" targetRef="Activity_0e2" />
    <bpmn:businessRuleTask id="Activity_0rt"><bpmn:incoming>Flow_2</bpmn:incoming></bpmn:businessRuleTask>
    <bpmn:sequenceFlow id="Flow_2" sourceRef="Activity_0e2" targetRef="Activity_0rt" />
    <bpmn:dataStoreReference id="DataStoreReference_1" name="Archive" /><bpmn:textAnnotation id="TextAnnotation_1"><bpmn:text>note</bpmn:text></bpmn:textAnnotation>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="BPMNDiagram_1"><bpmndi:BPMNPlane id="BPMNPlane_1" bpmnElement="Process_1rv3s0l">
    <bpmndi:BPMNShape id="_BPMNShape_StartEvent_2" bpmnElement="StartEvent_1uyyhzh"><dc:Bounds x="156" y="82" width="36" height="36" /></bpmndi:BPMNShape>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>"""
CAMUNDA_7 = f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn2:definitions {DI} xmlns:bpmn2="{MODEL}" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="x" targetNamespace="http://www.omg.org/spec/BPMN/20100524/MODEL" exporter="Camunda Modeler" modeler:executionPlatform="Camunda Platform">
  <bpmn2:process id="invoice" name="Invoice Receipt" isExecutable="true" camunda:versionTag="V2.0" camunda:historyTimeToLive="P30D">
    <bpmn2:startEvent id="s" camunda:formKey="embedded:app:forms/start.html" camunda:initiator="who"><bpmn2:outgoing>f1</bpmn2:outgoing></bpmn2:startEvent>
    <bpmn2:businessRuleTask id="assign" name="Assign Approver Group" camunda:mapDecisionResult="collectEntries" camunda:resultVariable="groups" camunda:decisionRef="invoice-assign-approver"/>
    <bpmn2:userTask id="approve" name="Approve" camunda:candidateGroups="${{groups}}"><bpmn2:extensionElements><camunda:taskListener class="a.b.C" event="create"/><camunda:formData><camunda:formField id="ok" type="boolean"/></camunda:formData></bpmn2:extensionElements></bpmn2:userTask>
    <bpmn2:exclusiveGateway id="g" name="Approved?"/><bpmn2:endEvent id="e"/>
    <bpmn2:sequenceFlow id="f1" sourceRef="s" targetRef="assign"/><bpmn2:sequenceFlow id="f2" sourceRef="assign" targetRef="approve"/><bpmn2:sequenceFlow id="f3" sourceRef="approve" targetRef="g"/>
    <bpmn2:sequenceFlow id="f4" name="yes" sourceRef="g" targetRef="e"><bpmn2:conditionExpression xsi:type="bpmn2:tFormalExpression">${{approved}}</bpmn2:conditionExpression></bpmn2:sequenceFlow>
    <bpmn2:sequenceFlow id="f5" sourceRef="g" targetRef="approve"><bpmn2:conditionExpression xsi:type="bpmn2:tFormalExpression" language="groovy">x = 1</bpmn2:conditionExpression></bpmn2:sequenceFlow>
    <bpmn2:boundaryEvent id="late" attachedToRef="approve"><bpmn2:timerEventDefinition><bpmn2:timeDuration xsi:type="bpmn2:tFormalExpression">P7D</bpmn2:timeDuration></bpmn2:timerEventDefinition></bpmn2:boundaryEvent>
  </bpmn2:process>
</bpmn2:definitions>"""
CAMUNDA_8 = f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions {DI} xmlns:bpmn="{MODEL}" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="D" targetNamespace="http://bpmn.io/schema/bpmn" exporter="Camunda Modeler" exporterVersion="5.27.0" modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.5.0">
  <bpmn:process id="p8" isExecutable="true"><bpmn:extensionElements><zeebe:versionTag value="1"/></bpmn:extensionElements>
    <bpmn:startEvent id="s"/><bpmn:businessRuleTask id="rule" name="Decide"><bpmn:extensionElements><zeebe:calledDecision decisionId="dish" resultVariable="dish"/><zeebe:ioMapping><zeebe:input source="=a" target="b"/></zeebe:ioMapping></bpmn:extensionElements></bpmn:businessRuleTask>
    <bpmn:userTask id="u" name="Do"><bpmn:extensionElements><zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="x"/><zeebe:formDefinition formId="f"/></bpmn:extensionElements></bpmn:userTask><bpmn:endEvent id="e"/>
    <bpmn:sequenceFlow id="a" sourceRef="s" targetRef="rule"/><bpmn:sequenceFlow id="b" sourceRef="rule" targetRef="u"/><bpmn:sequenceFlow id="c" sourceRef="u" targetRef="e"/>
  </bpmn:process></bpmn:definitions>"""
SIGNAVIO = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<definitions xmlns="{MODEL}" {DI} xmlns:signavio="http://www.signavio.com" exporter="Signavio Process Editor, http://www.signavio.com" exporterVersion="15.7.0" expressionLanguage="http://www.w3.org/TR/XPath" id="sid-1" targetNamespace="http://www.signavio.com" typeLanguage="http://www.w3.org/2001/XMLSchema" xsi:schemaLocation="http://www.omg.org/spec/BPMN/20100524/MODEL http://www.omg.org/spec/BPMN/2.0/20100501/BPMN20.xsd">
  <collaboration id="sid-2"><extensionElements><signavio:signavioDiagramMetaData metaKey="revisionid" metaValue="9"/></extensionElements><participant id="sid-3" name="District" processRef="sid-4"/><participant id="sid-5" name="Citizen"/><messageFlow id="sid-6" sourceRef="sid-5" targetRef="sid-8"/></collaboration>
  <process id="sid-4" isClosed="false" isExecutable="false" name="District" processType="None"><laneSet id="sid-7"><lane id="sid-71" name="Clerk"><extensionElements><signavio:signavioMetaData metaKey="bgcolor" metaValue="#fff"/></extensionElements><flowNodeRef>sid-8</flowNodeRef></lane></laneSet>
    <startEvent id="sid-8" isInterrupting="true" name=""><outgoing>sid-10</outgoing><messageEventDefinition id="sid-81"/></startEvent><task completionQuantity="1" id="sid-9" isForCompensation="false" name="Work" startQuantity="1"><incoming>sid-10</incoming></task>
    <eventBasedGateway eventGatewayType="Exclusive" gatewayDirection="Diverging" id="sid-11" instantiate="false" name=""/><sequenceFlow id="sid-10" sourceRef="sid-8" targetRef="sid-9"/></process></definitions>"""
BIZAGI = f"""<?xml version="1.0" encoding="utf-8"?>
<definitions {DI} xmlns="{MODEL}" targetNamespace="http://www.bizagi.com/definitions/1" xmlns:bizagi="http://www.bizagi.com/bpmn20"><process id="Id_1" name="Main"><extensionElements><bizagi:BizagiExtensions><bizagi:BizagiProperties><bizagi:BizagiProperty name="bgColor" value="White"/></bizagi:BizagiProperties></bizagi:BizagiExtensions></extensionElements>
 <startEvent id="Id_2"/><userTask id="Id_3" name="Fill" implementation="unspecified"><performer id="Id_4"><resourceRef>r</resourceRef></performer></userTask><subProcess id="Id_5" name="Check" triggeredByEvent="false"><standardLoopCharacteristics testBefore="true" loopMaximum="3"/></subProcess><complexGateway id="Id_6"/><sequenceFlow id="Id_7" sourceRef="Id_2" targetRef="Id_3"/></process></definitions>"""
FLOWABLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="{MODEL}" xmlns:flowable="http://flowable.org/bpmn" {DI} typeLanguage="http://www.w3.org/2001/XMLSchema" expressionLanguage="http://www.w3.org/1999/XPath" targetNamespace="http://www.flowable.org/processdef">
 <process id="leave" name="请假" isExecutable="true" flowable:candidateStarterGroups="g"><documentation>请假</documentation><extensionElements><flowable:executionListener event="start" class="a.B"/></extensionElements>
 <startEvent id="start" flowable:initiator="i" flowable:formFieldValidation="true"/><userTask id="a" name="审批" flowable:assignee="${{m}}" flowable:skipExpression="x"><multiInstanceLoopCharacteristics isSequential="false" flowable:collection="list" flowable:elementVariable="m"><completionCondition>${{nrOfCompletedInstances &gt; 1}}</completionCondition></multiInstanceLoopCharacteristics></userTask>
 <serviceTask id="dmn" flowable:type="dmn"><extensionElements><flowable:field name="decisionTableReferenceKey"><flowable:string><![CDATA[key]]></flowable:string></flowable:field></extensionElements></serviceTask><sendTask id="m" flowable:type="mail"/><endEvent id="e"/>
 <sequenceFlow id="1" sourceRef="start" targetRef="a"/><sequenceFlow id="2" sourceRef="a" targetRef="dmn"/><sequenceFlow id="3" sourceRef="dmn" targetRef="m"/><sequenceFlow id="4" sourceRef="m" targetRef="e"/></process></definitions>"""
ACTIVITI = FLOWABLE.replace("flowable.org", "activiti.org").replace("flowable", "activiti")
JBPM = f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn2:definitions xmlns:bpmn2="{MODEL}" {DI} xmlns:drools="http://www.jboss.org/drools" xmlns:bpsim="http://www.bpsim.org/schemas/1.0" id="_W" exporter="jBPM Process Modeler" exporterVersion="2.0" targetNamespace="http://www.omg.org/bpmn20">
 <bpmn2:itemDefinition id="_aItem" structureRef="Boolean"/><bpmn2:process id="h.j" drools:packageName="h" drools:version="1.0" drools:adHoc="false" name="j" isExecutable="true" processType="Public"><bpmn2:property id="a" itemSubjectRef="_aItem" name="a"/>
 <bpmn2:startEvent id="_1"/><bpmn2:businessRuleTask id="_2" drools:selectable="true" name="Rules" implementation="http://www.jboss.org/drools/dmn"><bpmn2:extensionElements><drools:metaData name="elementname"><drools:metaValue><![CDATA[Rules]]></drools:metaValue></drools:metaData></bpmn2:extensionElements>
 <bpmn2:ioSpecification><bpmn2:dataInput id="_2_n" drools:dtype="java.lang.String" itemSubjectRef="__2_nItem" name="namespace"/><bpmn2:inputSet><bpmn2:dataInputRefs>_2_n</bpmn2:dataInputRefs></bpmn2:inputSet></bpmn2:ioSpecification><bpmn2:dataInputAssociation><bpmn2:targetRef>_2_n</bpmn2:targetRef><bpmn2:assignment><bpmn2:from xsi:type="bpmn2:tFormalExpression"><![CDATA[ns]]></bpmn2:from><bpmn2:to xsi:type="bpmn2:tFormalExpression"><![CDATA[_2_n]]></bpmn2:to></bpmn2:assignment></bpmn2:dataInputAssociation></bpmn2:businessRuleTask>
 <bpmn2:scriptTask id="_3" scriptFormat="http://www.java.com/java"><bpmn2:script><![CDATA[System.exit(1);]]></bpmn2:script></bpmn2:scriptTask><bpmn2:sequenceFlow id="_4" sourceRef="_1" targetRef="_2"/></bpmn2:process><bpmn2:relationship type="BPSimData"><bpmn2:extensionElements><bpsim:BPSimData/></bpmn2:extensionElements><bpmn2:source>_W</bpmn2:source><bpmn2:target>_W</bpmn2:target></bpmn2:relationship></bpmn2:definitions>"""
TRISOTECH = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<semantic:definitions xmlns:semantic="{MODEL}" {DI} xmlns:triso="http://www.trisotech.com/2015/triso/modeling" xmlns:trisobpmn="http://www.trisotech.com/2014/triso/bpmn" targetNamespace="http://www.trisotech.com/definitions/_9" exporter="BPMN Modeler" name="Page 1" id="_9">
 <semantic:process id="WFP-6-" isExecutable="false"><semantic:startEvent id="_a" name=""/><semantic:businessRuleTask id="_b" name="Rate" implementation="##unspecified"><semantic:extensionElements><trisobpmn:reuseLink uri="http://x"/></semantic:extensionElements></semantic:businessRuleTask><semantic:dataObjectReference id="_d" dataObjectRef="_do"/><semantic:dataObject id="_do"/><semantic:sequenceFlow id="_c" sourceRef="_a" targetRef="_b"/></semantic:process></semantic:definitions>"""
SPIFF = f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="{MODEL}" {DI} xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="Definitions_9" targetNamespace="http://bpmn.io/schema/bpmn">
 <bpmn:process id="Process_s" isExecutable="true"><bpmn:startEvent id="StartEvent_1"/><bpmn:businessRuleTask id="rule" name="Decide"><bpmn:extensionElements><spiffworkflow:calledDecisionId>d</spiffworkflow:calledDecisionId><spiffworkflow:preScript>import os</spiffworkflow:preScript></bpmn:extensionElements></bpmn:businessRuleTask>
 <bpmn:manualTask id="m"><bpmn:extensionElements><spiffworkflow:instructionsForEndUser>{{{{ x }}}}</spiffworkflow:instructionsForEndUser></bpmn:extensionElements></bpmn:manualTask><bpmn:endEvent id="e"/><bpmn:sequenceFlow id="1f" sourceRef="StartEvent_1" targetRef="rule"/><bpmn:sequenceFlow id="f2" sourceRef="rule" targetRef="m"/><bpmn:sequenceFlow id="f3" sourceRef="m" targetRef="e"/></bpmn:process></bpmn:definitions>"""

#: Per tool: the file, and what of it must be named so that nothing is lost in silence.
MODELERS = {
    "bpmn.io": (BPMN_IO, ("普通任务", "Activity_0rt", "数据存储", "没有选定决策表", "没有结束事件")),
    "Camunda 7": (CAMUNDA_7, ("camunda:decisionRef", "camunda:formKey", "camunda:taskListener", "没有默认出线", "${approved}", "groovy", "没有选定决策表", "P7D")),
    "Camunda 8": (CAMUNDA_8, ("zeebe:calledDecision", "zeebe:ioMapping", "zeebe:assignmentDefinition", "没有选定决策表", "没有角色")),
    "Signavio": (SIGNAVIO, ("signavio:signavioDiagramMetaData", "signavio:signavioMetaData", "黑盒", "消息流", "普通任务", "事件网关")),
    "Bizagi": (BIZAGI, ("bizagi:BizagiExtensions", "执行人", "标准循环", "复杂网关")),
    "Flowable": (FLOWABLE, ("flowable:candidateStarterGroups", "flowable:executionListener", "flowable:assignee", "发送任务", "flowable:collection", "效果“”没有登记")),
    "Activiti": (ACTIVITI, ("activiti:assignee", "activiti:executionListener", "发送任务")),
    "jBPM": (JBPM, ("drools:packageName", "drools:metaData", "脚本任务", "数据类型定义", "关系", "数据赋值")),
    "Trisotech": (TRISOTECH, ("trisobpmn:reuseLink", "没有标为可执行", "没有结束事件")),
    "SpiffWorkflow": (SPIFF, ("spiffworkflow:calledDecisionId", "spiffworkflow:preScript", "人工任务", "编号“1f”不合规")),
}  # fmt: skip
