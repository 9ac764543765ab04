/** A form definition while it is designed: what adding, moving and removing a field means for everything that names it. */

export type Rule = { test: string; message: string; at?: string; source?: string };
export type Choice = { value: string; label: string; label_en?: string; group?: string; when?: string };
export type Field = {
  id: string; type: string; label: string; choices?: Choice[]; columns?: Field[]; rules?: Rule[]; totals?: string[]; key?: string;
  fixed_rows?: Record<string, unknown>[]; [name: string]: unknown;
};
export type Cell = { text?: string; text_en?: string; label_of?: string; field?: string; and?: string; or?: string; rows?: number; cols?: number };
export type Block = {
  rows?: Cell[][]; table?: string; merge?: string[]; hide?: string[]; print?: string[]; constants?: Record<string, unknown>[];
  signatures?: Record<string, string>[];
};
export type Access = 'edit' | 'read' | 'hidden';
export type Definition = {
  code: string; title: string; fields: Field[]; rules?: Rule[]; permissions?: Record<string, Record<string, Access>>; layout?: Block[];
  [name: string]: unknown;
};
export type Step = { id: string; title: string; fills: boolean };

export const TYPES: [string, string][] = [
  ['text', '单行文字'], ['textarea', '多行文字'], ['decimal', '小数（金额、比例）'], ['integer', '整数'], ['date', '日期'], ['month', '月份'],
  ['boolean', '是否'], ['choice', '选项'], ['computed', '自动计算'], ['table', '明细表'], ['files', '附件'], ['section', '小标题'],
];
const OF_ROWS = new Set(['table', 'section', 'files']);
export const COLUMN_TYPES = TYPES.filter(([type]) => !OF_ROWS.has(type));

export const typeName = (type: string) => TYPES.find(([name]) => name === type)?.[1] ?? type;
export const fillable = (field: Field) => !field.auto && field.type !== 'computed' && field.type !== 'section';

/** A free id such as field_3. */
export function freshId(fields: Field[], stem: string): string {
  const taken = new Set(fields.map((field) => field.id));
  let number = 1;
  while (taken.has(`${stem}_${number}`)) number += 1;
  return `${stem}_${number}`;
}

export function newField(fields: Field[], type: string): Field {
  const stem = type === 'table' ? 'table' : type === 'section' ? 'section' : 'field';
  const label = { table: '新明细表', section: '新小标题' }[type] ?? '新字段';
  const field: Field = { id: freshId(fields, stem), type, label };
  return shaped(field);
}

/** What a type cannot do without. */
export function shaped(field: Field): Field {
  if (field.type === 'choice' && !field.choices?.length && !field.choices_from) field.choices = [{ value: '1', label: '选项一' }, { value: '2', label: '选项二' }];
  if (field.type === 'table' && !field.columns?.length) field.columns = [{ id: 'column_1', type: 'text', label: '新列' }];
  if (field.type === 'computed' && !field.formula) field.formula = '0';
  if (field.type === 'files' && !field.accept) field.accept = ['.pdf'];
  return field;
}

/** Put a field after another one and, unless it is a heading, where it is printed. */
export function addField(definition: Definition, field: Field, after: number): number {
  const at = after + 1;
  definition.fields.splice(at, 0, field);
  if (field.type !== 'section') place(definition, field);
  return at;
}

/** A row of its own at the end of the last grid; a table stands alone before the signatures. */
export function place(definition: Definition, field: Field): void {
  const layout = (definition.layout ??= []);
  const end = layout.findIndex((block) => block.signatures);
  const before = end < 0 ? layout.length : end;
  if (field.type === 'table') {
    layout.splice(before, 0, { table: field.id });
    return;
  }
  const grid = layout.slice(0, before).reverse().find((block) => block.rows);
  const wide = grid?.rows ? width(grid.rows) : 2;
  const answer: Cell = { field: field.id };
  if (wide > 2) answer.cols = wide - 1;
  const row: Cell[] = [{ label_of: field.id }, answer];
  if (grid?.rows && layout.indexOf(grid) === before - 1) grid.rows.push(row);
  else if (grid?.rows && !layout.slice(layout.indexOf(grid) + 1, before).some((block) => block.rows)) grid.rows.push(row);
  else layout.splice(before, 0, { rows: [row] });
}

export const width = (rows: Cell[][]) => (rows[0] ?? []).reduce((sum, cell) => sum + (cell.cols ?? 1), 0);

/** Take a field out of the form, its layout, permissions and totals; rules that name it stay and the check says so. */
export function removeField(definition: Definition, index: number): void {
  const [gone] = definition.fields.splice(index, 1);
  if (!gone) return;
  for (const granted of Object.values(definition.permissions ?? {})) delete granted[gone.id];
  const kept: Block[] = [];
  for (const block of definition.layout ?? []) {
    if (block.table === gone.id) continue;
    if (block.rows) {
      unplace(block.rows, gone.id);
      if (!block.rows.length) continue;
    }
    kept.push(block);
  }
  if (definition.layout) definition.layout = kept;
}

/** A row that holds nothing else goes away; otherwise the cell before it takes the room. */
function unplace(rows: Cell[][], id: string): void {
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index] as Cell[];
    for (const cell of row) for (const name of ['and', 'or'] as const) if (cell[name] === id) delete cell[name];
    if (!row.some((cell) => cell.field === id || cell.label_of === id)) continue;
    const left = row.filter((cell) => cell.field !== id && cell.label_of !== id);
    if (left.some((cell) => cell.field || cell.label_of) || left.some((cell) => (cell.rows ?? 1) > 1)) {
      const freed = row.filter((cell) => !left.includes(cell)).reduce((sum, cell) => sum + (cell.cols ?? 1), 0);
      const wider = left.filter((cell) => cell.field).at(-1) ?? left.at(-1);
      if (wider) wider.cols = (wider.cols ?? 1) + freed;
      rows[index] = left;
    } else {
      rows.splice(index, 1);
      shorten(rows, index);
    }
  }
}

/** Cells that reach down over a row that is gone reach one row less. */
function shorten(rows: Cell[][], gone: number): void {
  rows.slice(0, gone).forEach((row, index) => {
    for (const cell of row) if (index + (cell.rows ?? 1) > gone) cell.rows = (cell.rows ?? 1) - 1;
  });
}

/** Call a field by another id, wherever the definition names it, expressions included. */
export function renameField(definition: Definition, index: number, id: string): void {
  const field = definition.fields[index];
  if (!field || !id || id === field.id) return;
  const old = field.id;
  field.id = id;
  for (const granted of Object.values(definition.permissions ?? {})) {
    if (granted[old]) {
      granted[id] = granted[old];
      delete granted[old];
    }
  }
  for (const block of definition.layout ?? []) {
    if (block.table === old) block.table = id;
    for (const row of block.rows ?? []) for (const cell of row) for (const name of ['field', 'label_of', 'and', 'or'] as const) if (cell[name] === old) cell[name] = id;
    for (const line of block.signatures ?? []) for (const name of ['person', 'day']) if (line[name] === old) line[name] = id;
  }
  const word = new RegExp(`(?<![\\w.'"])${old}(?!\\w)`, 'g');
  const said = (text: unknown) => (typeof text === 'string' ? text.replace(word, id) : text);
  const rules = (list: Rule[] | undefined) => list?.forEach((rule) => {
    rule.test = said(rule.test) as string;
    rule.message = rule.message.replace(/{[^{}]+}/g, (part) => said(part) as string);
    if (rule.at === old) rule.at = id;
  });
  rules(definition.rules);
  for (const one of definition.fields) for (const part of [one, ...(one.columns ?? [])]) {
    for (const name of ['show_if', 'required_if', 'value', 'formula']) if (part[name]) part[name] = said(part[name]);
    for (const choice of part.choices ?? []) if (choice.when) choice.when = said(choice.when) as string;
    rules(part.rules);
  }
}

/** What a step may do with a field, as the server reads permissions. */
export function granted(definition: Definition, node: string, field: string): Access {
  const rules = definition.permissions?.[node] ?? definition.permissions?.['*'] ?? {};
  return rules[field] ?? rules['*'] ?? 'read';
}

export function grant(definition: Definition, node: string, field: string, access: Access): void {
  const permissions = (definition.permissions ??= {});
  const rules = (permissions[node] ??= { ...(permissions['*'] ?? { '*': 'read' }) });
  if (access === (rules['*'] ?? 'read')) delete rules[field];
  else rules[field] = access;
}

/** Let only one step see a field; it fills it in where the form is filled in. */
export function onlyAt(definition: Definition, field: string, steps: Step[], node: string): void {
  for (const step of steps) grant(definition, step.id, field, step.id === node ? (step.fills ? 'edit' : 'read') : 'hidden');
  grant(definition, '*', field, 'hidden');
}

export type Place = { kind: 'head' | 'permissions' } | { kind: 'field' | 'rule' | 'block'; index: number } | { kind: 'column'; index: number; column: number };

/** The place a problem names, such as fields.3.columns.1.label. */
export function placeOf(path: string): Place | undefined {
  const [head, index, inner, column] = path.split('.');
  const at = Number(index);
  if (head === 'fields' && inner === 'columns' && column !== undefined && !Number.isNaN(Number(column))) return { kind: 'column', index: at, column: Number(column) };
  if (head === 'fields' && index !== undefined) return { kind: 'field', index: at };
  if (head === 'rules') return index === undefined ? undefined : { kind: 'rule', index: at };
  if (head === 'layout') return index === undefined ? undefined : { kind: 'block', index: at };
  if (head === 'permissions') return { kind: 'permissions' };
  return head ? { kind: 'head' } : undefined;
}
