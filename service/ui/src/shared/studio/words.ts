/** What the server says of the profile: our attributes with their words, and what a panel shows per element. */
export type Option = [string, string];
export type Field = { name: string; label: string; kind: string; hint: string; options: Option[] };
export type Group = { title: string; fields: Field[] };
/** A value of a decision table; numbers are read by number(…). */
export type Named = { name: string; label: string; number: boolean };
export type Table = { title: string; inputs: Named[]; results: Named[] };
export type Words = {
  descriptor: Record<string, unknown>;
  elements: Record<string, Group[]>;
  verbs: Option[];
  facts: Record<string, Option[]>;
  tables: Record<string, Table>;
};

/** Kinds of elements in Chinese, as the panel and the menus name them. */
export const KINDS: Record<string, string> = {
  'bpmn:UserTask': '办理步骤',
  'bpmn:ServiceTask': '自动步骤',
  'bpmn:BusinessRuleTask': '决策表步骤',
  'bpmn:CallActivity': '调用流程',
  'bpmn:SubProcess': '子流程',
  'bpmn:ExclusiveGateway': '判断（只走一路）',
  'bpmn:ParallelGateway': '并行（同时走各路）',
  'bpmn:InclusiveGateway': '多选判断（走所有符合的路）',
  'bpmn:StartEvent': '开始',
  'bpmn:EndEvent': '结束',
  'bpmn:IntermediateCatchEvent': '等待',
  'bpmn:IntermediateThrowEvent': '发出事件',
  'bpmn:BoundaryEvent': '步骤上的事件',
  'bpmn:SequenceFlow': '连线',
  'bpmn:Lane': '泳道',
  'bpmn:Participant': '流程',
  'bpmn:Process': '流程',
  'bpmn:Collaboration': '流程',
  'bpmn:TextAnnotation': '说明文字',
};

/** The sentences of the drawing tools themselves; the source of each is its English in bpmn-js. */
const CHINESE: Record<string, string> = {
  'Search in diagram': '在流程图中查找',
  'Open {element}': '打开 {element}',
  'Open minimap': '打开缩略图',
  'Close minimap': '收起缩略图',
  'flow elements must be children of pools/participants': '步骤和连线必须画在流程的泳道内',
  'Data object must be placed within a pool/participant.': '数据对象必须画在流程的泳道内',
};

/** Sentences asked for that have no Chinese; a test reads them from the page. */
export const untranslated = new Set<string>();

/** The drawing tools' translate function. */
export function translate(template: string, replacements: Record<string, string> = {}): string {
  const known = CHINESE[template];
  if (known === undefined && /[a-z]{2}/i.test(template) && !/[\u4e00-\u9fff]/.test(template)) {
    untranslated.add(template);
    document.body.dataset.untranslated = [...untranslated].join('|');
  }
  return (known ?? template).replace(/{([^}]+)}/g, (whole, key: string) => replacements[key] ?? whole);
}

/** What people call an element of the drawing: its name, or its kind and where it leads. */
export function nameOf(element: any): string {
  const name = element.businessObject.name;
  if (name) return `“${name}”`;
  const kind = KINDS[element.type] ?? element.type;
  const seen = new Set([element]);
  const todo = [element];
  while (todo.length) {
    for (const line of todo.shift().outgoing ?? []) {
      const next = line.target;
      if (!next || seen.has(next)) continue;
      if (next.businessObject.name) return `通往“${next.businessObject.name}”的${kind}`;
      seen.add(next);
      todo.push(next);
    }
  }
  return kind;
}
