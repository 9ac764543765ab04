import { area, choice, labelled, make, text, type Value } from '../studio/controls';
import { COLUMN_TYPES, fillable, grant, granted, onlyAt, renameField, shaped, TYPES, type Access, type Choice, type Definition, type Field, type Step } from './model';
import { fieldRules } from './rules';

/** Everything that can be said of one field or column, in groups; what does not apply to its type is not shown. */

export type Context = {
  definition: Definition;
  steps: Step[];
  /** Ids that may not be removed or change their type. */
  builtin: Record<string, string[]>;
  changed: (redraw: boolean) => void;
};
type Property = [name: string, label: string, kind: 'text' | 'area' | 'whole' | 'flag' | 'number' | 'list', hint?: string];

const LIMITS: Record<string, Property[]> = {
  text: [['min_length', '最少字数', 'whole'], ['max_length', '最多字数', 'whole'], ['pattern', '格式（正则表达式）', 'text', '如 [0-9]{7} 表示 7 位数字。'], ['pattern_message', '格式不对时的提示', 'text'], ['half_width', '自动转为半角', 'flag']],
  textarea: [['min_length', '最少字数', 'whole'], ['max_length', '最多字数', 'whole'], ['rows', '显示行数', 'whole']],
  decimal: [['minimum', '最小值', 'number'], ['maximum', '最大值', 'number'], ['places', '小数位数', 'whole']],
  integer: [['minimum', '最小值', 'number'], ['maximum', '最大值', 'number']],
  computed: [['formula', '计算公式', 'area', '如 sum(indicators.weight)、amount_a + amount_b。']],
  table: [['min_rows', '最少行数', 'whole'], ['max_rows', '最多行数', 'whole']],
  files: [['accept', '可上传的类型', 'list', '如 .pdf、.docx，用空格隔开。'], ['max_files', '最多个数', 'whole'], ['max_mb', '每个最大（MB）', 'whole']],
};
const ACCESS: [string, string][] = [['edit', '填写'], ['read', '查看'], ['hidden', '不可见']];

export function fieldPanel(host: HTMLElement, at: { index: number; column?: number }, context: Context): void {
  const { definition } = context;
  const table = at.column === undefined ? undefined : definition.fields[at.index];
  const field = table ? table.columns?.[at.column ?? 0] : definition.fields[at.index];
  if (!field) return host.replaceChildren();
  const kept = table ? context.builtin[table.id]?.includes(field.id) : field.id in context.builtin;
  const groups: (HTMLElement | '')[] = [
    make('h2', {}, table ? `列：${field.label}` : `字段：${field.label}`),
    kept ? make('p', { class: 'form-hint' }, '系统内置，可改名称、提示、限制和权限；编号和类型不能改，不能删去。') : '',
    group('名称', named(field, Boolean(kept), at, Boolean(table), context)),
  ];
  if (field.type !== 'section') {
    if (fillable(field)) groups.push(group('填写', asked(field, context)));
    if (field.type === 'choice') groups.push(group('选项', [options(field, context)]));
    const limits = (LIMITS[field.type] ?? []).map((property) => control(field, property, context));
    if (field.type === 'table') limits.push(totals(field, context));
    if (limits.length) groups.push(group(field.type === 'computed' ? '计算' : '限制', limits));
    if (field.type !== 'table') {
      const holder = table ?? definition;
      const others = table ? [...(table.columns ?? []), ...definition.fields.filter((one) => one.type !== 'table' && one.type !== 'section')] : definition.fields.filter((one) => one.type !== 'section' && one.type !== 'table');
      groups.push(group('规则', [fieldRules(field, holder, others, context.changed)]));
    }
    if (!table) groups.push(group('谁能看到', [seen(field, context)]));
    groups.push(group('其他', more(field, Boolean(table), context)));
  }
  host.replaceChildren(...groups.filter((one): one is HTMLElement => one !== ''));
}

function group(title: string, parts: (HTMLElement | '')[]): HTMLElement {
  return make('section', { class: 'studio-group' }, make('h3', {}, title), ...parts.filter((one): one is HTMLElement => one !== ''));
}

function keep(field: Field, name: string, value: Value | string[]): void {
  if (value === undefined || value === false || value === '' || (Array.isArray(value) && !value.length)) delete field[name];
  else field[name] = value;
}

function named(field: Field, kept: boolean, at: { index: number; column?: number }, column: boolean, context: Context): HTMLElement[] {
  const id = text(field.id, (value) => {
    if (!value) return;
    if (column) field.id = String(value);
    else renameField(context.definition, at.index, String(value));
    context.changed(true);
  }, kept ? { disabled: '' } : {});
  const type = choice(field.type, column ? COLUMN_TYPES : TYPES, (value) => {
    if (value) field.type = String(value);
    shaped(field);
    context.changed(true);
  }, '（选择）');
  if (kept) type.disabled = true;
  return [
    labelled('名称', text(field.label, (value) => { field.label = String(value ?? ''); context.changed(true); })),
    labelled('类型', type),
    labelled('编号', id, '小写英文字母、数字和下划线；发布后不要改。'),
    labelled('英文名称', text(String(field.label_en ?? ''), (value) => { keep(field, 'label_en', value); context.changed(false); })),
  ];
}

function asked(field: Field, context: Context): HTMLElement[] {
  return [
    control(field, ['required', '必须填写', 'flag'], context),
    control(field, ['help', '填写提示', 'text'], context),
    ...(['decimal', 'integer', 'computed'].includes(field.type) ? [control(field, ['unit', '单位', 'text', '如 万元、%、人。'], context)] : []),
  ];
}

function control(field: Field, [name, label, kind, hint = '']: Property, context: Context): HTMLElement {
  const told = (value: Value | string[]) => { keep(field, name, value); context.changed(false); };
  const given = field[name];
  if (kind === 'flag') {
    const input = make('input', { type: 'checkbox', class: 'form-check-input' });
    input.checked = given === true;
    input.addEventListener('change', () => told(input.checked || undefined));
    const box = make('div', { class: 'studio-field' }, make('label', { class: 'studio-check' }, input, ` ${label}`));
    if (hint) box.append(make('small', {}, hint));
    return box;
  }
  if (kind === 'whole') {
    const input = make('input', { type: 'number', min: '0', step: '1', class: 'form-control form-control-sm' });
    input.value = given === undefined ? '' : String(given);
    input.addEventListener('change', () => told(input.value === '' ? undefined : Math.trunc(Number(input.value))));
    return labelled(label, input, hint);
  }
  if (kind === 'list') return labelled(label, text(Array.isArray(given) ? given.join(' ') : '', (value) => told(String(value ?? '').split(/[\s,，、]+/).filter(Boolean))), hint);
  const make_ = kind === 'area' ? area : text;
  return labelled(label, make_(String(given ?? ''), (value) => told(value), kind === 'number' ? { inputmode: 'decimal' } : {}), hint);
}

function options(field: Field, context: Context): HTMLElement {
  const list = (field.choices ??= []);
  const rows = list.map((one: Choice, index) => {
    const label = text(one.label, (value) => { one.label = String(value ?? ''); context.changed(false); }, { 'aria-label': `第${index + 1}个选项的名称` });
    const value = text(one.value, (given) => { one.value = String(given ?? ''); context.changed(false); }, { 'aria-label': `第${index + 1}个选项的值` });
    const act = (name: string, title: string, run: () => void) => {
      const button = make('button', { type: 'button', class: 'btn btn-sm', 'aria-label': `${title}第${index + 1}个选项` }, name);
      button.addEventListener('click', () => { run(); context.changed(true); });
      return button;
    };
    return make('div', { class: 'designer-option' }, label, value, act('↑', '上移', () => swap(list, index, index - 1)), act('↓', '下移', () => swap(list, index, index + 1)), act('×', '删去', () => list.splice(index, 1)));
  });
  const add = make('button', { type: 'button', class: 'btn btn-sm' }, '添加选项');
  add.addEventListener('click', () => {
    let number = list.length + 1;
    while (list.some((one) => one.value === String(number))) number += 1;
    list.push({ value: String(number), label: `选项${number}` });
    context.changed(true);
  });
  return make('div', {}, make('p', { class: 'form-hint' }, '左边是名称，右边是存下的值。'), ...rows, add);
}

export function swap<Item>(list: Item[], from: number, to: number): boolean {
  if (to < 0 || to >= list.length) return false;
  const [moved] = list.splice(from, 1);
  list.splice(to, 0, moved as Item);
  return true;
}

function totals(field: Field, context: Context): HTMLElement {
  const numeric = (field.columns ?? []).filter((column) => ['decimal', 'integer', 'computed'].includes(column.type));
  const set = make('fieldset', { class: 'studio-field studio-list' }, make('legend', {}, '合计的列'));
  for (const column of numeric) {
    const input = make('input', { type: 'checkbox', class: 'form-check-input' });
    input.checked = field.totals?.includes(column.id) ?? false;
    input.addEventListener('change', () => {
      keep(field, 'totals', input.checked ? [...(field.totals ?? []), column.id] : (field.totals ?? []).filter((name) => name !== column.id));
      context.changed(false);
    });
    set.append(make('label', { class: 'studio-check' }, input, ` ${column.label}`));
  }
  return numeric.length ? set : make('p', { class: 'form-hint' }, '有数字列时可以设合计。');
}

/** Per step: fill in, read or not see; a shortcut for one step only. */
function seen(field: Field, context: Context): HTMLElement {
  const { definition, steps } = context;
  const rows = [...steps, { id: '*', title: '其他步骤和查阅页', fills: false }].map((step) => {
    const offered = step.fills && fillable(field) ? ACCESS : ACCESS.slice(1);
    const select = choice(shownAccess(definition, step, field), offered, (value) => { grant(definition, step.id, field.id, (value ?? 'read') as Access); context.changed(false); }, '（选择）');
    select.setAttribute('aria-label', `“${field.label}”在${step.title}`);
    const only = make('button', { type: 'button', class: 'btn btn-sm' }, '只在这一步');
    only.setAttribute('aria-label', `“${field.label}”只在${step.title}可见`);
    only.addEventListener('click', () => { onlyAt(definition, field.id, steps, step.id); context.changed(true); });
    return make('tr', {}, make('th', { scope: 'row' }, step.title), make('td', {}, select), make('td', {}, step.id === '*' ? '' : only));
  });
  return make('table', { class: 'designer-access' }, make('tbody', {}, ...rows));
}

/** Where the form is only read, what the definition lets be filled in is read. */
export function shownAccess(definition: Definition, step: Step, field: Field): Access {
  const access = granted(definition, step.id, field.id);
  return access === 'edit' && !(step.fills && fillable(field)) ? 'read' : access;
}

function more(field: Field, column: boolean, context: Context): HTMLElement[] {
  const parts: Property[] = [
    ['show_if', '什么时候才要填', 'area', '条件，如 project_attribute == \'new\'；不填表示总要。'],
    ['required_if', '什么时候必填', 'area', '条件；已设“必须填写”的不用填。'],
    ['source', '依据', 'text', '要求填写它的文件，写在提示里。'],
  ];
  if (!column) parts.push(['material', '重大事项：改动后须重新逐级审核', 'flag'], ['fact', '供流程图中的条件判断', 'flag']);
  const width = choice(String(field.width ?? 'medium'), [['narrow', '窄'], ['medium', '中'], ['wide', '宽']], (value) => { keep(field, 'width', value); context.changed(false); });
  return [...(fillable(field) ? parts : parts.slice(0, 1)).map((property) => control(field, property, context)), ...(column ? [labelled('列宽', width)] : [])];
}
