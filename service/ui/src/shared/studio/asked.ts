/* eslint-disable @typescript-eslint/no-explicit-any */
import { choice, labelled, make, text } from './controls';
import type { Named, Option, Table } from './words';

/** What a step that asks a decision table gives it: each value the table wants, taken from what was decided before. */
export function inputs(modeler: any, element: any, table: Table | undefined, facts: Option[]): HTMLElement[] {
  const held = extension(element, 'jh:Inputs');
  const given = new Map<string, string>((held?.input ?? []).map((item: any) => [item.name ?? '', item.value ?? '']));
  const keep = () => {
    const moddle = modeler.get('moddle');
    const input = [...given].filter(([, value]) => value).map(([name, value]) => moddle.create('jh:Input', { name, value }));
    keepExtension(modeler, element, held, input.length ? moddle.create('jh:Inputs', { input }) : undefined, input);
  };
  const wanted = table?.inputs ?? [];
  const left = [...given.keys()].filter((name) => table && !wanted.some((one) => one.name === name));
  const rows = wanted.map((one) => source(one, given.get(one.name) ?? '', facts, (value) => (given.set(one.name, value), keep())));
  const surplus = left.map((name) => {
    const button = make('button', { type: 'button', class: 'link-button' }, `删去决策表不需要的“${name}”`);
    button.addEventListener('click', () => (given.delete(name), keep()));
    return make('p', { class: 'studio-field' }, button);
  });
  if (!table) rows.push(make('p', { class: 'text-secondary' }, '先选择决策表，再说明它的输入从哪里来。'));
  return [...rows, ...surplus, ...told(element, table)];
}

/** Where one value comes from: chosen from what the steps before leave, or written as an expression. */
function source(wanted: Named, value: string, facts: Option[], tell: (value: string) => void): HTMLElement {
  const named = wanted.label === wanted.name ? wanted.name : `${wanted.label}（${wanted.name}）`;
  const written = text(value, (given) => tell(String(given ?? '')), { spellcheck: 'false', 'data-input': wanted.name });
  const known = facts.some(([reading]) => reading === value) ? value : '';
  const chosen = choice(known, facts, (reading) => reading && tell(String(reading)), value && !known ? '（见下面的算式）' : '选择之前步骤的内容…');
  chosen.dataset.source = wanted.name;
  chosen.setAttribute('aria-label', `${named}取自`);
  const box = labelled(`输入：${named}`, written, wanted.number ? '数字；金额须写成 number(步骤.字段)。' : '');
  written.before(chosen);
  return box;
}

/** Under which names conditions read what the table answers. */
function told(element: any, table: Table | undefined): HTMLElement[] {
  const names = (table?.results ?? []).map((one) => `${element.id}.${one.name}（${one.label}）`);
  return names.length ? [make('p', { class: 'form-hint' }, `之后的条件可以用：${names.join('、')}`)] : [];
}

/** What conditions may say of a step that asks a table. */
export function resultsOf(element: any, table: Table | undefined): Option[] {
  const name = element.businessObject.name || element.id;
  return (table?.results ?? []).map((one): Option => {
    const reading = `${element.id}.${one.name}`;
    return [one.number ? `number(${reading})` : reading, `${name}：${one.label}`];
  });
}

/** The extension of this type an element holds. */
export function extension(element: any, type: string): any {
  return (element.businessObject.extensionElements?.values ?? []).find((item: any) => item.$type === type);
}

/** Put another extension in the place of one, as a change that can be undone. */
export function keepExtension(modeler: any, element: any, held: any, made: any, parts: any[]): void {
  const object = element.businessObject;
  const others = (object.extensionElements?.values ?? []).filter((item: any) => item !== held);
  const values = made ? [made, ...others] : others;
  const extensionElements = values.length ? modeler.get('moddle').create('bpmn:ExtensionElements', { values }) : undefined;
  if (extensionElements) {
    extensionElements.$parent = object;
    values.forEach((item: any) => (item.$parent = extensionElements));
    parts.forEach((item: any) => (item.$parent = made));
  }
  modeler.get('modeling').updateProperties(element, { extensionElements });
}
