import { choice, labelled, list as checks, make, text, type Value } from '../studio/controls';
import { shownAccess, swap, type Context } from './field_panel';
import { fillable, grant, place, width, type Access, type Block, type Cell, type Definition } from './model';
import { ruleFields } from './rules';

/** The form's head, its rules, who may do what at which step, and how it is laid out on paper. */

export function headPanel(host: HTMLElement, context: Context): void {
  const { definition } = context;
  const one = (name: string, label: string, hint = '') => labelled(label, text(String(definition[name] ?? ''), (value: Value) => {
    definition[name] = String(value ?? '');
    context.changed(true);
  }), hint);
  host.replaceChildren(make('h2', {}, '表单'), one('title', '名称'), one('title_en', '英文名称'), one('official_code', '表号'), one('source', '依据', '规定这张表的文件和文号。'));
}

export function rulePanel(host: HTMLElement, index: number, context: Context): void {
  const { definition } = context;
  const rule = definition.rules?.[index];
  if (!rule) return host.replaceChildren();
  const fields = definition.fields.filter((field) => field.type !== 'section');
  host.replaceChildren(make('h2', {}, `第${index + 1}条规则`), ruleFields(rule, fields, () => context.changed(false), () => {
    definition.rules?.splice(index, 1);
    context.changed(true);
  }));
}

const ACCESS: [string, string][] = [['edit', '填写'], ['read', '查看'], ['hidden', '不可见']];

/** Rows are fields, columns are steps. */
export function permissionPanel(host: HTMLElement, context: Context): void {
  const { definition, steps } = context;
  const columns = [...steps, { id: '*', title: '其他步骤和查阅页', fills: false }];
  const head = make('tr', {}, make('th', { scope: 'col' }, '字段'), ...columns.map((step) => make('th', { scope: 'col' }, step.title)));
  const rows = definition.fields.filter((field) => field.type !== 'section').map((field) => {
    const cells = columns.map((step) => {
      const offered = step.fills && fillable(field) ? ACCESS : ACCESS.slice(1);
      const access = shownAccess(definition, step, field);
      const select = choice(access, offered, (value) => { grant(definition, step.id, field.id, (value ?? 'read') as Access); context.changed(false); }, '（选择）');
      select.setAttribute('aria-label', `“${field.label}”在${step.title}`);
      return make('td', {}, select);
    });
    return make('tr', {}, make('th', { scope: 'row' }, field.label), ...cells);
  });
  const table = make('table', { class: 'list-table designer-matrix' }, make('thead', {}, head), make('tbody', {}, ...rows));
  host.replaceChildren(make('h2', {}, '权限'), make('p', { class: 'form-hint' }, '每个字段在每一步是填写、查看还是不可见。只有办理时填写这张表的步骤可以选“填写”。'), make('div', { class: 'table-scroll', tabindex: '0' }, table));
}

export function blockTitle(definition: Definition, block: Block, index: number): string {
  const named = block.table ? `明细表“${definition.fields.find((field) => field.id === block.table)?.label ?? block.table}”` : block.signatures ? '签字栏' : `表格（${block.rows?.length ?? 0}行）`;
  return `第${index + 1}块：${named}`;
}

export function blockPanel(host: HTMLElement, index: number, context: Context): void {
  const { definition } = context;
  const block = definition.layout?.[index];
  if (!block) return host.replaceChildren();
  const parts = block.rows ? gridParts(block.rows, context) : block.table ? tableParts(block, context) : signatureParts(block, context);
  host.replaceChildren(make('h2', {}, blockTitle(definition, block, index)), ...parts);
}

function act(name: string, label: string, run: () => void, context: Context): HTMLButtonElement {
  const button = make('button', { type: 'button', class: 'btn btn-sm', 'aria-label': label, title: label }, name);
  button.addEventListener('click', () => { run(); context.changed(true); });
  return button;
}

function gridParts(rows: Cell[][], context: Context): HTMLElement[] {
  const wide = width(rows);
  const parts: HTMLElement[] = [make('p', { class: 'form-hint' }, `每行占 ${wide} 列。“占列”“占行”表示一格占几列、几行。`)];
  rows.forEach((row, number) => {
    const cells = row.map((cell, at) => cellFields(row, cell, at, number, context));
    const acts = make('div', { class: 'designer-acts' },
      act('↑', `第${number + 1}行上移`, () => swap(rows, number, number - 1), context), act('↓', `第${number + 1}行下移`, () => swap(rows, number, number + 1), context),
      act('×', `删去第${number + 1}行`, () => rows.splice(number, 1), context), act('＋格', `第${number + 1}行加一格`, () => row.push({ text: '' }), context));
    parts.push(make('fieldset', { class: 'designer-row' }, make('legend', {}, `第${number + 1}行`), acts, ...cells));
  });
  parts.push(act('添加一行', '添加一行', () => rows.push([{ text: '' }, { text: '', cols: Math.max(1, wide - 1) }]), context));
  return parts;
}

function cellFields(row: Cell[], cell: Cell, at: number, number: number, context: Context): HTMLElement {
  const where = `第${number + 1}行第${at + 1}格`;
  const fields = context.definition.fields.filter((field) => field.type !== 'section' && field.type !== 'table');
  const kinds: [string, string][] = [['text', '固定文字'], ['label_of', '字段名称'], ['field', '字段内容']];
  const kind = cell.field !== undefined ? 'field' : cell.label_of !== undefined ? 'label_of' : 'text';
  const select = choice(kind, kinds, (value) => {
    const id = cell.field ?? cell.label_of ?? fields[0]?.id ?? '';
    for (const name of ['field', 'label_of', 'text', 'text_en', 'and', 'or'] as const) delete cell[name];
    if (value === 'text' || !value) cell.text = '';
    else cell[value as 'field' | 'label_of'] = id;
    context.changed(true);
  }, '（选择）');
  select.setAttribute('aria-label', `${where}放什么`);
  let what: HTMLElement;
  if (kind === 'text') what = text(cell.text ?? '', (value) => { cell.text = String(value ?? ''); context.changed(false); }, { 'aria-label': `${where}的文字` });
  else {
    what = choice(cell[kind] ?? '', fields.map((field) => [field.id, field.label]), (value) => { if (value) cell[kind] = String(value); context.changed(false); }, '（选择字段）');
    what.setAttribute('aria-label', `${where}的字段`);
  }
  const span = (name: 'rows' | 'cols', label: string) => {
    const input = make('input', { type: 'number', min: '1', max: '24', class: 'form-control form-control-sm designer-span', 'aria-label': `${where}${label}`, title: label });
    input.value = String(cell[name] ?? 1);
    input.addEventListener('change', () => {
      const count = Math.max(1, Math.trunc(Number(input.value)) || 1);
      if (count === 1) delete cell[name];
      else cell[name] = count;
      context.changed(false);
    });
    return input;
  };
  return make('div', { class: 'designer-cell' }, select, what, span('cols', '占列'), span('rows', '占行'), act('×', `删去${where}`, () => row.splice(at, 1), context));
}

function tableParts(block: Block, context: Context): HTMLElement[] {
  const table = context.definition.fields.find((field) => field.id === block.table);
  const columns = (table?.columns ?? []).map((column): [string, string] => [column.id, column.label]);
  const one = (name: 'print' | 'merge' | 'hide', label: string, hint: string) => checks(label, (block[name] ?? []).join(' '), columns, hint, (value) => {
    const chosen = String(value ?? '').split(' ').filter(Boolean);
    // The order of the columns is the order on paper.
    if (chosen.length) block[name] = [...columns.map(([id]) => id).filter((id) => chosen.includes(id)), ...chosen.filter((id) => !columns.some(([known]) => known === id))];
    else delete block[name];
    context.changed(false);
  });
  return [one('print', '打印的列', '都不选表示全部打印。'), one('merge', '相同内容合并的列', '相邻行内容相同时合成一格。'), one('hide', '不显示的列', '在屏幕和纸上都不显示。')];
}

function signatureParts(block: Block, context: Context): HTMLElement[] {
  const lines = (block.signatures ??= []);
  const fields = context.definition.fields.filter((field) => field.type !== 'section' && field.type !== 'table').map((field): [string, string] => [field.id, field.label]);
  const parts = lines.map((line, index) => {
    const chosen = (name: string, label: string) => labelled(label, choice(line[name] ?? '', fields, (value) => { if (value) line[name] = String(value); else delete line[name]; context.changed(false); }));
    return make('fieldset', { class: 'designer-row' }, make('legend', {}, `第${index + 1}处签字`),
      labelled('文字', text(line.text ?? '', (value) => { line.text = String(value ?? ''); context.changed(false); })), chosen('person', '签字人取自'), chosen('day', '日期取自'),
      act('×', `删去第${index + 1}处签字`, () => lines.splice(index, 1), context));
  });
  return [...parts, act('添加签字', '添加签字', () => lines.push({ text: '签字' }), context)];
}

/** Fields that are printed nowhere, each with a button that places it. */
export function unplacedPanel(context: Context): HTMLElement[] {
  const { definition } = context;
  const placed = new Set((definition.layout ?? []).flatMap((block) => [block.table, ...(block.rows ?? []).flat().flatMap((cell) => [cell.field, cell.and, cell.or])]));
  const left = definition.fields.filter((field) => fillable(field) && !placed.has(field.id));
  return left.map((field) => act(`排入“${field.label}”`, `把“${field.label}”排入版式`, () => place(definition, field), context));
}
