import { make } from '../studio/controls';
import type { Context } from './field_panel';
import { swap } from './field_panel';
import { addField, freshId, newField, removeField, typeName, type Field, type Place } from './model';
import { blockTitle, unplacedPanel } from './other_panels';

/** The parts of a form as a list: each is a button that opens it; the chosen one can be moved and removed. */

export type Chooser = { chosen: Place; choose: (place: Place) => void };

export function drawTree(host: HTMLElement, context: Context, chooser: Chooser): void {
  const { definition } = context;
  const parts: HTMLElement[] = [
    item('表单名称和依据', { kind: 'head' }, chooser), item('权限（每一步能填什么、看什么）', { kind: 'permissions' }, chooser),
    make('h3', {}, '字段'), fields(context, chooser),
    make('h3', {}, '跨字段规则'), entries(definition.rules ?? [], 'rule', (rule) => rule.message || rule.test, context, chooser),
    adding('添加规则', () => {
      (definition.rules ??= []).push({ test: 'True', message: '请写明怎样才算对' });
      chooser.chosen = { kind: 'rule', index: definition.rules.length - 1 };
    }, context),
    make('h3', {}, '版式（打印的样子）'), entries(definition.layout ?? [], 'block', (block, index) => blockTitle(definition, block, index), context, chooser),
    ...unplacedPanel(context),
    adding('添加表格块', () => {
      (definition.layout ??= []).push({ rows: [[{ text: '文字' }, { text: '' }]] });
      chooser.chosen = { kind: 'block', index: definition.layout.length - 1 };
    }, context),
    adding('添加签字栏', () => {
      (definition.layout ??= []).push({ signatures: [{ text: '签字' }] });
      chooser.chosen = { kind: 'block', index: definition.layout.length - 1 };
    }, context),
  ];
  host.replaceChildren(...parts);
}

const same = (one: Place, other: Place) => JSON.stringify(one) === JSON.stringify(other);

function item(title: string, place: Place, chooser: Chooser, kind = ''): HTMLElement {
  const button = make('button', { type: 'button', class: 'designer-item', 'data-place': JSON.stringify(place) }, title);
  if (kind) button.append(make('small', {}, ` ${kind}`));
  if (same(place, chooser.chosen)) button.setAttribute('aria-current', 'true');
  button.addEventListener('click', () => chooser.choose(place));
  return button;
}

function adding(title: string, run: () => void, context: Context): HTMLElement {
  const button = make('button', { type: 'button', class: 'btn btn-sm designer-add' }, title);
  button.addEventListener('click', () => { run(); context.changed(true); });
  return button;
}

/** Moving and removing, by button and by Alt with an arrow. */
function acts(title: string, move: (by: number) => void, remove: (() => void) | undefined, context: Context): HTMLElement {
  const act = (name: string, label: string, run: () => void) => {
    const button = make('button', { type: 'button', class: 'btn btn-sm', 'aria-label': `${label}“${title}”`, title: label }, name);
    button.addEventListener('click', () => { run(); context.changed(true); });
    return button;
  };
  return make('span', { class: 'designer-acts' }, act('↑', '上移', () => move(-1)), act('↓', '下移', () => move(1)), ...(remove ? [act('×', '删去', remove)] : []));
}

function fields(context: Context, chooser: Chooser): HTMLElement {
  const { definition, builtin } = context;
  const list = make('ul', { class: 'designer-list' });
  definition.fields.forEach((field, index) => {
    const place: Place = { kind: 'field', index };
    const needed = field.required ? '·必填' : '';
    const line = make('li', { class: field.type === 'section' ? 'designer-section' : '' }, item(field.label || field.id, place, chooser, `${typeName(field.type)}${needed}`));
    if (same(place, chooser.chosen)) {
      const move = (by: number) => { if (swap(definition.fields, index, index + by)) chooser.chosen = { kind: 'field', index: index + by }; };
      const remove = field.id in builtin ? undefined : () => { removeField(definition, index); chooser.chosen = { kind: 'head' }; };
      line.append(acts(field.label, move, remove, context));
      keys(line, move, context);
    }
    if (field.type === 'table') line.append(columns(field, index, context, chooser));
    list.append(line);
  });
  const after = () => (chooser.chosen.kind === 'field' || chooser.chosen.kind === 'column' ? chooser.chosen.index : definition.fields.length - 1);
  const add = (title: string, type: string) => adding(title, () => {
    chooser.chosen = { kind: 'field', index: addField(definition, newField(definition.fields, type), after()) };
  }, context);
  return make('div', {}, list, make('div', { class: 'designer-adds' }, add('添加字段', 'text'), add('添加明细表', 'table'), add('添加小标题', 'section')));
}

function columns(table: Field, index: number, context: Context, chooser: Chooser): HTMLElement {
  const own = (table.columns ??= []);
  const list = make('ul', { class: 'designer-list designer-columns' });
  own.forEach((column, at) => {
    const place: Place = { kind: 'column', index, column: at };
    const line = make('li', {}, item(column.label || column.id, place, chooser, typeName(column.type)));
    if (same(place, chooser.chosen)) {
      const move = (by: number) => { if (swap(own, at, at + by)) chooser.chosen = { kind: 'column', index, column: at + by }; };
      const kept = context.builtin[table.id]?.includes(column.id);
      const remove = () => {
        own.splice(at, 1);
        if (table.totals) table.totals = table.totals.filter((name) => name !== column.id);
        chooser.chosen = { kind: 'field', index };
      };
      line.append(acts(column.label, move, kept ? undefined : remove, context));
      keys(line, move, context);
    }
    list.append(line);
  });
  list.append(make('li', {}, adding(`给“${table.label}”添加列`, () => {
    own.push({ id: freshId(own, 'column'), type: 'text', label: '新列' });
    chooser.chosen = { kind: 'column', index, column: own.length - 1 };
  }, context)));
  return list;
}

function entries<Item>(items: Item[], kind: 'rule' | 'block', title: (item: Item, index: number) => string, context: Context, chooser: Chooser): HTMLElement {
  const list = make('ul', { class: 'designer-list' });
  items.forEach((one, index) => {
    const place: Place = { kind, index };
    const line = make('li', {}, item(title(one, index), place, chooser));
    if (same(place, chooser.chosen)) {
      const move = (by: number) => { if (swap(items, index, index + by)) chooser.chosen = { kind, index: index + by }; };
      line.append(acts(title(one, index), move, () => { items.splice(index, 1); chooser.chosen = { kind: 'head' }; }, context));
      keys(line, move, context);
    }
    list.append(line);
  });
  return list;
}

function keys(line: HTMLElement, move: (by: number) => void, context: Context): void {
  line.addEventListener('keydown', (event) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    event.stopPropagation();
    move(event.key === 'ArrowUp' ? -1 : 1);
    context.changed(true);
  });
}
