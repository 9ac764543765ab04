/* eslint-disable @typescript-eslint/no-explicit-any */
import { area, choice, control, labelled, make, text, type Value } from './controls';
import { extension, inputs, keepExtension, resultsOf } from './asked';
import { KINDS, nameOf, type Field, type Option, type Table, type Words } from './words';

const BRANCHES = ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway'];

/** The properties of what is selected, every change a command that can be undone. */
export class Panel {
  private modeling: any;
  private registry: any;
  private shown: any;

  constructor(private host: HTMLElement, private modeler: any, private words: Words) {
    this.modeling = modeler.get('modeling');
    this.registry = modeler.get('elementRegistry');
    const events = modeler.get('eventBus');
    events.on('selection.changed', ({ newSelection }: any) => this.show(newSelection.length === 1 ? newSelection[0] : undefined, newSelection.length));
    events.on('import.done', () => this.show(undefined));
    events.on('commandStack.changed', () => this.refresh());
    // A name being typed on the canvas is kept before anything else is set here.
    const typing = modeler.get('directEditing');
    host.addEventListener('focusin', (event) => {
      if (!typing.isActive()) return;
      const place = this.place(event.target as Element);
      typing.complete();
      this.controls()[place]?.focus();
    });
  }

  /** What was changed elsewhere shows, unless somebody is typing here. */
  private refresh(): void {
    const typing = document.activeElement;
    if (typing && this.host.contains(typing) && typing.matches('input[type=text],input[type=number],textarea')) return;
    this.show(this.shown && this.registry.get(this.shown.id) ? this.shown : undefined);
  }

  show(element: any, count = 0): void {
    this.shown = element;
    const scrolled = this.host.scrollTop;
    const place = this.place(document.activeElement);
    const found = element?.labelTarget ?? element ?? (count > 1 ? undefined : this.root());
    const target = found?.businessObject ? found : undefined; // nothing is drawn while a file is being read
    this.host.replaceChildren(...(target ? this.parts(target) : [make('p', { class: 'text-secondary' }, count > 1 ? `已选中 ${count} 个元素。` : '')]));
    this.host.scrollTop = scrolled;
    this.controls()[place]?.focus();
  }

  private controls(): HTMLElement[] {
    return [...this.host.querySelectorAll<HTMLElement>('input,select,textarea,button')];
  }

  /** Which control of the panel this is, -1 for none: after redrawing the cursor goes back there. */
  private place(element: Element | null): number {
    return this.controls().indexOf(element as HTMLElement);
  }

  private root(): any {
    return this.registry.find((item: any) => item.type === 'bpmn:Participant' && item.businessObject.processRef) ?? this.modeler.get('canvas').getRootElement();
  }

  private parts(element: any): HTMLElement[] {
    const object = element.businessObject;
    const type = element.type as string;
    const parts = [make('h2', {}, KINDS[type] ?? type.replace('bpmn:', '')), this.identity(element)];
    if (type === 'bpmn:SequenceFlow') parts.push(this.flow(element));
    if (BRANCHES.includes(type) && element.outgoing.length > 1) parts.push(this.branches(element));
    const timer = (object.eventDefinitions ?? []).find((item: any) => item.$type === 'bpmn:TimerEventDefinition');
    if (timer) parts.push(this.timer(element, timer));
    if (type === 'bpmn:BoundaryEvent') parts.push(this.boundary(element));
    const fields = type === 'bpmn:Participant' ? 'bpmn:Process' : type;
    const holder = type === 'bpmn:Participant' ? object.processRef : object;
    for (const group of this.words.elements[fields] ?? []) {
      const controls = group.fields.map((field) =>
        control(field, holder.get(field.name), this.steps(element), (value) => this.set(element, holder, field.name, value), this.inherited(object, field)),
      );
      parts.push(this.group(group.title, controls));
      if (group.fields.some((field) => field.name === 'jh:form') && type === 'bpmn:UserTask') parts.push(this.outcomes(element));
      if (group.fields.some((field) => field.name === 'jh:decision')) parts.push(this.group('输入与结论', inputs(this.modeler, element, this.table(object), this.facts(element))));
    }
    return parts;
  }

  /** What a step takes from its lane where it says nothing itself. */
  private inherited(object: any, field: Field): string {
    const lanes = this.registry.filter((item: any) => item.type === 'bpmn:Lane' && (item.businessObject.flowNodeRef ?? []).includes(object));
    const value = lanes.map((lane: any) => lane.businessObject.get(field.name)).find(Boolean);
    const title = field.options.find(([code]) => code === value)?.[1];
    return title ? `按泳道：${title}` : '（不选）';
  }

  private group(title: string, controls: HTMLElement[]): HTMLElement {
    return make('section', { class: 'studio-group' }, make('h3', {}, title), ...controls);
  }

  private set(element: any, holder: any, name: string, value: Value): void {
    if (holder.get(name) === value) return;
    if (holder === element.businessObject) this.modeling.updateProperties(element, { [name]: value });
    else this.modeling.updateModdleProperties(element, holder, { [name]: value });
  }

  private identity(element: any): HTMLElement {
    const object = element.businessObject;
    const named = 'text' in object || element.type === 'bpmn:TextAnnotation' ? 'text' : 'name';
    const name = area(object[named] ?? '', (value) => this.set(element, object, named, value), { rows: '2' });
    const holder = element.type === 'bpmn:Participant' ? object.processRef : object;
    const id = text(holder.id, (value) => this.rename(element, holder, String(value ?? ''), id), { spellcheck: 'false' });
    return this.group('名称', [
      labelled(named === 'text' ? '文字' : '名称', name),
      labelled('编号', id, '小写字母、数字和下划线，如 legal_review。办理记录按编号保存，发布后不要改。'),
    ]);
  }

  private rename(element: any, holder: any, value: string, input: HTMLInputElement): void {
    const taken = this.modeler.get('moddle').ids.assigned(value);
    const wrong = !/^[a-z][a-z0-9_]{0,59}$/.test(value) || (taken && taken !== holder);
    input.setCustomValidity(wrong ? '编号须以小写字母开头，只含小写字母、数字和下划线，且不与其他元素重复。' : '');
    if (wrong) {
      input.reportValidity();
      input.value = holder.id;
    } else if (holder === element.businessObject) this.modeling.updateProperties(element, { id: value });
    else this.modeling.updateModdleProperties(element, holder, { id: value });
  }

  private steps(element: any): Option[] {
    return this.registry
      .filter((item: any) => item.type === 'bpmn:UserTask' && item !== element)
      .map((item: any) => [item.id, item.businessObject.name || nameOf(item)]);
  }

  private outcomes(element: any): HTMLElement {
    const held = extension(element, 'jh:Outcomes');
    const labels = new Map<string, string>((held?.outcome ?? []).map((item: any) => [item.verb, item.label ?? '']));
    const keep = () => this.keepOutcomes(element, held, labels);
    const rows = this.words.verbs.map(([verb, word]) => {
      const input = make('input', { type: 'checkbox', class: 'form-check-input', value: verb });
      input.checked = labels.has(verb);
      input.addEventListener('change', () => {
        if (input.checked) labels.set(verb, word);
        else labels.delete(verb);
        keep();
      });
      const wording = text(labels.get(verb) ?? '', (value) => (labels.set(verb, String(value ?? '')), keep()), { 'aria-label': `${word}按钮上的文字` });
      wording.disabled = !labels.has(verb);
      return make('div', { class: 'studio-outcome' }, make('label', { class: 'studio-check' }, input, ` ${word}`), wording);
    });
    return make('section', { class: 'studio-group', 'data-outcomes': '' }, make('h3', {}, '处理结果（按钮）'), ...rows);
  }

  private keepOutcomes(element: any, held: any, labels: Map<string, string>): void {
    const moddle = this.modeler.get('moddle');
    const order = this.words.verbs.map(([verb]) => verb).filter((verb) => labels.has(verb));
    const outcome = order.map((verb) => moddle.create('jh:Outcome', { verb, label: labels.get(verb) }));
    keepExtension(this.modeler, element, held, outcome.length ? moddle.create('jh:Outcomes', { outcome }) : undefined, outcome);
  }

  /** Where a gateway leads: which way is the usual one, and every line to set its condition. */
  private branches(element: any): HTMLElement {
    const lines = element.outgoing.filter((line: any) => line.type === 'bpmn:SequenceFlow');
    const title = (line: any) => `到${nameOf(line.target)}`;
    const usual = choice(element.businessObject.default?.id ?? '', lines.map((line: any) => [line.id, title(line)]), (id) => {
      const line = lines.find((one: any) => one.id === id);
      if (line) this.usual(line, true);
      else this.modeling.updateProperties(element, { default: undefined });
    });
    const others = lines.filter((line: any) => line.businessObject !== element.businessObject.default).map((line: any) => {
      const body = line.businessObject.conditionExpression?.body ?? '（还没有条件）';
      const button = make('button', { type: 'button', class: 'link-button' }, `${title(line)}：${body}`);
      button.addEventListener('click', () => this.modeler.get('selection').select(line));
      return make('li', {}, button);
    });
    return this.group('去向', [labelled('其他情况（默认）走', usual), make('ul', { class: 'plain-list studio-field' }, ...others)]);
  }

  private flow(element: any): HTMLElement {
    const object = element.businessObject;
    const source = object.sourceRef;
    const branches = BRANCHES.includes(source?.$type);
    if (!branches) return this.group('条件', [make('p', { class: 'text-secondary' }, '只有从“判断”出来的连线才有条件。')]);
    const isDefault = source.default === object;
    const usual = control({ name: '', label: '其他情况都走这一路（默认）', kind: 'boolean', hint: '', options: [] }, isDefault, [], (value) => this.usual(element, Boolean(value)));
    const condition = area(object.conditionExpression?.body ?? '', (value) => this.condition(element, String(value ?? '')), { spellcheck: 'false', 'data-condition': '' });
    condition.disabled = isDefault;
    const facts = choice('', this.facts(undefined), (value) => this.insert(condition, String(value ?? '')), '插入可用的内容…');
    facts.disabled = isDefault;
    return this.group('条件', [usual, labelled('条件', condition, '如 number(draft.amount_total) > 300（万元）、fund_review.outcome == "reject"；用 and、or、not 连接。'), labelled('可用的内容', facts)]);
  }

  /** The decision table a step asks, if the draft has it. */
  private table(object: any): Table | undefined {
    return this.words.tables[object.get('jh:decision') ?? ''];
  }

  /** What may be read of the steps, without that of one step itself. */
  private facts(without: any): Option[] {
    const asking = this.registry.filter((item: any) => item.type === 'bpmn:BusinessRuleTask' && item !== without);
    const tables = asking.flatMap((item: any) => resultsOf(item, this.table(item.businessObject)));
    return [...this.forms(), ...tables];
  }

  private forms(): Option[] {
    return this.steps(undefined).flatMap(([id, name]) => {
      const form = this.registry.get(id).businessObject.get('jh:form') ?? '';
      const own = (this.words.facts[form] ?? []).map(([reading, title]): Option => [reading.replace('{step}', id), `${name}：${title}`]);
      return [[`${id}.outcome`, `${name}：处理结果`] as Option, ...own];
    });
  }

  private insert(condition: HTMLTextAreaElement, fact: string): void {
    condition.setRangeText(fact, condition.selectionStart, condition.selectionEnd, 'end');
    condition.focus();
  }

  private usual(element: any, value: boolean): void {
    const source = element.source;
    if (value) {
      this.modeling.updateProperties(element, { conditionExpression: undefined });
      this.modeling.updateProperties(source, { default: element.businessObject });
    } else this.modeling.updateProperties(source, { default: undefined });
  }

  private condition(element: any, body: string): void {
    const expression = body ? this.modeler.get('moddle').create('bpmn:FormalExpression', { body }) : undefined;
    if (expression) expression.$parent = element.businessObject;
    this.modeling.updateProperties(element, { conditionExpression: expression });
  }

  private timer(element: any, timer: any): HTMLElement {
    const kinds: Option[] = [['timeDuration', '过多久'], ['timeDate', '到某一时间'], ['timeCycle', '每隔多久']];
    const kind = kinds.map(([name]) => name).find((name) => timer[name]) ?? 'timeDuration';
    const keep = (name: string, body: string) => {
      const made = body ? this.modeler.get('moddle').create('bpmn:FormalExpression', { body }) : undefined;
      if (made) made.$parent = timer;
      this.modeling.updateModdleProperties(element, timer, { timeDuration: undefined, timeDate: undefined, timeCycle: undefined, [name]: made });
    };
    // The engine reads an expression: a plain time stands there as a text, in quotation marks nobody has to type.
    const body = (timer[kind]?.body ?? '').replace(/^"([^"]*)"$/, '$1');
    const quoted = (given: string) => (/^[PR\d][^"]*$/.test(given) ? `"${given}"` : given);
    const value = text(body, (given) => keep(select.value || kind, quoted(String(given ?? ''))));
    const select = choice(kind, kinds, (chosen) => body && keep(String(chosen), quoted(body)));
    return this.group('时间', [labelled('方式', select), labelled('时间', value, '如 P5D（5天）、PT8H（8小时）、2027-03-31、R3/P1D（每天一次，共3次）。')]);
  }

  private boundary(element: any): HTMLElement {
    const object = element.businessObject;
    const field = { name: 'cancelActivity', label: '到时中断本步骤', kind: 'boolean', hint: '', options: [] };
    return this.group('作用', [control(field, object.cancelActivity, [], (value) => this.modeling.updateProperties(element, { cancelActivity: Boolean(value) }))]);
  }
}

