/* eslint-disable @typescript-eslint/no-explicit-any */
import { KINDS } from './words';

/** The tools of the canvas reduced to what a process may hold: palette, context pad and replace menu. */

type Entry = { group: string; className: string; title: string; action: Record<string, (...given: any[]) => void> };
type Kind = { type: string; icon: string; options?: Record<string, unknown>; title?: string };

const STEPS: Kind[] = [
  { type: 'bpmn:UserTask', icon: 'bpmn-icon-user-task' },
  { type: 'bpmn:ServiceTask', icon: 'bpmn-icon-service-task' },
  { type: 'bpmn:BusinessRuleTask', icon: 'bpmn-icon-business-rule-task' },
];
const GATEWAYS: Kind[] = [
  { type: 'bpmn:ExclusiveGateway', icon: 'bpmn-icon-gateway-xor' },
  { type: 'bpmn:ParallelGateway', icon: 'bpmn-icon-gateway-parallel' },
  { type: 'bpmn:InclusiveGateway', icon: 'bpmn-icon-gateway-or' },
];
const TIMER: Kind = {
  type: 'bpmn:IntermediateCatchEvent',
  icon: 'bpmn-icon-intermediate-event-catch-timer',
  options: { eventDefinitionType: 'bpmn:TimerEventDefinition' },
  title: '等待时间',
};
const START: Kind = { type: 'bpmn:StartEvent', icon: 'bpmn-icon-start-event-none' };
const END: Kind = { type: 'bpmn:EndEvent', icon: 'bpmn-icon-end-event-none' };
const CREATED = [START, ...STEPS, ...GATEWAYS, TIMER, END];
const APPENDED = [STEPS[0], STEPS[2], GATEWAYS[0], GATEWAYS[1], TIMER, END] as Kind[];

const titleOf = (kind: Kind) => kind.title ?? KINDS[kind.type] ?? kind.type;

class Palette {
  static $inject = ['palette', 'create', 'elementFactory', 'spaceTool', 'lassoTool', 'handTool', 'globalConnect'];
  constructor(palette: any, private create: any, private factory: any, private space: any, private lasso: any, private hand: any, private connect: any) {
    palette.registerProvider(this);
  }

  getPaletteEntries(): Record<string, unknown> {
    const tool = (className: string, title: string, click: (event: Event) => void): Entry => ({ group: 'tools', className, title, action: { click } });
    const entries: Record<string, unknown> = {
      hand: tool('bpmn-icon-hand-tool', '拖动画布（H）', (event) => this.hand.activateHand(event)),
      lasso: tool('bpmn-icon-lasso-tool', '框选（L）', (event) => this.lasso.activateSelection(event)),
      space: tool('bpmn-icon-space-tool', '增减空间（S）', (event) => this.space.activateSelection(event)),
      connect: tool('bpmn-icon-connection-multi', '连线（C）', (event) => this.connect.start(event)),
      'tool-separator': { group: 'tools', separator: true },
    };
    for (const kind of CREATED) {
      const start = (event: Event) => this.create.start(event, this.factory.createShape({ type: kind.type, ...kind.options }));
      entries[`create-${kind.type}`] = { group: 'create', className: kind.icon, title: `新建${titleOf(kind)}`, action: { dragstart: start, click: start } };
    }
    return entries;
  }
}

class ContextPad {
  static $inject = ['contextPad', 'modeling', 'elementFactory', 'connect', 'create', 'popupMenu', 'autoPlace', 'rules', 'appendPreview', 'canvas', 'eventBus'];
  constructor(
    pad: any, private modeling: any, private factory: any, private connect: any, private create: any,
    private popup: any, private place: any, private rules: any, private preview: any, private canvas: any, events: any,
  ) {
    pad.registerProvider(this);
    events.on('contextPad.close', () => this.preview.cleanUp());
  }

  getMultiElementContextPadEntries(elements: any[]): Record<string, Entry> {
    return this.deletable(elements) ? { delete: this.entry('edit', 'bpmn-icon-trash', '删除', () => this.modeling.removeElements([...elements])) } : {};
  }

  getContextPadEntries(element: any): Record<string, Entry> {
    const entries: Record<string, Entry> = {};
    const type = element.type as string;
    if (type === 'bpmn:Lane' || type === 'bpmn:Participant') this.lanes(entries);
    else if (element.type !== 'label' && !element.waypoints && type !== 'bpmn:TextAnnotation') this.node(entries, element);
    if (this.deletable([element])) entries.delete = this.entry('edit', 'bpmn-icon-trash', '删除', () => this.modeling.removeElements([element]));
    return entries;
  }

  private node(entries: Record<string, Entry>, element: any): void {
    if (element.type !== 'bpmn:EndEvent') {
      for (const kind of APPENDED) entries[`append-${kind.type}`] = this.append(kind);
      entries.connect = { group: 'connect', className: 'bpmn-icon-connection-multi', title: '连到其他步骤', action: this.connecting() };
    }
    if (replacements(element).length) entries.replace = this.entry('edit', 'bpmn-icon-screw-wrench', '改成其他种类', () => this.replace(element));
    entries.note = this.append({ type: 'bpmn:TextAnnotation', icon: 'bpmn-icon-text-annotation', title: '说明文字' });
  }

  private lanes(entries: Record<string, Entry>): void {
    for (const [where, title] of [['top', '上方'], ['bottom', '下方']] as const) {
      const icon = where === 'top' ? 'bpmn-icon-lane-insert-above' : 'bpmn-icon-lane-insert-below';
      entries[`lane-${where}`] = this.entry('lane', icon, `在${title}加一条泳道`, (_, lane) => this.modeling.addLane(lane, where));
    }
  }

  private append(kind: Kind): Entry {
    const shape = () => this.factory.createShape({ type: kind.type, ...kind.options });
    return {
      group: 'model',
      className: kind.icon,
      title: `接上${titleOf(kind)}`,
      action: {
        click: (_, element) => this.place.append(element, shape()),
        dragstart: (event, element) => this.create.start(event, shape(), { source: element }),
      },
    };
  }

  private connecting(): Record<string, (event: any, element: any) => void> {
    const start = (event: any, element: any) => this.connect.start(event, element);
    return { click: start, dragstart: start };
  }

  private replace(element: any): void {
    const box = this.canvas.getContainer().querySelector('.djs-context-pad').getBoundingClientRect();
    this.popup.open(element, 'bpmn-replace', { x: box.left, y: box.bottom + 5 }, { title: '改成', width: 240, search: false });
  }

  private deletable(elements: any[]): boolean {
    const allowed = this.rules.allowed('elements.delete', { elements });
    return Array.isArray(allowed) ? elements.every((element) => allowed.includes(element)) : Boolean(allowed);
  }

  private entry(group: string, className: string, title: string, click: (event: any, element: any) => void): Entry {
    return { group, className, title, action: { click } };
  }
}

/** What an element may become: a sibling of its own family. */
function replacements(element: any): Kind[] {
  const family = [STEPS, GATEWAYS].find((kinds) => kinds.some((kind) => kind.type === element.type));
  const plain = ['bpmn:Task', 'bpmn:ManualTask', 'bpmn:SendTask', 'bpmn:ReceiveTask', 'bpmn:ScriptTask'];
  return (family ?? (plain.includes(element.type) ? STEPS : [])).filter((kind) => kind.type !== element.type);
}

class ReplaceMenu {
  static $inject = ['popupMenu', 'bpmnReplace'];
  constructor(popup: any, private replace: any) {
    popup.registerProvider('bpmn-replace', this);
  }

  getPopupMenuEntries(element: any): Record<string, unknown> {
    const entry = (kind: Kind) => ({ label: titleOf(kind), className: kind.icon, action: () => this.replace.replaceElement(element, { type: kind.type }) });
    return Object.fromEntries(replacements(element).map((kind) => [kind.type, entry(kind)]));
  }
}

/** A didi module that takes the place of the tools of bpmn-js. */
export const tools = {
  paletteProvider: ['type', Palette],
  contextPadProvider: ['type', ContextPad],
  replaceMenuProvider: ['type', ReplaceMenu],
};
