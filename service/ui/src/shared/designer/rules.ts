import { area, choice, labelled, make, text } from '../studio/controls';
import type { Field, Rule } from './model';

/** Rules put together from a field, a comparison and a value, so that nobody has to know the expression language. */

const SIGNS: [string, string][] = [['>', '大于'], ['>=', '大于或等于'], ['<', '小于'], ['<=', '小于或等于'], ['==', '等于'], ['!=', '不等于']];
const NUMERIC = new Set(['decimal', 'integer', 'month', 'computed']);

type Draft = { kind: string; value: string };

/** The test and the message a choice of words stands for. */
export function composed(field: Field, kind: string, value: string, others: Field[]): { test: string; message: string } | undefined {
  if (!value) return undefined;
  if (kind === 'at_least' || kind === 'at_most') {
    const count = Math.trunc(Number(value));
    if (!Number.isFinite(count)) return undefined;
    const least = kind === 'at_least';
    return { test: `${field.id} is None or len(${field.id}) ${least ? '>=' : '<='} ${count}`, message: `“${field.label}”${least ? '不得少于' : '不得超过'}${count}字，请${least ? '补充' : '精简'}` };
  }
  const other = others.find((one) => one.id === value);
  const sign = SIGNS.find(([code]) => code === kind);
  if (!sign) return undefined;
  const right = other ? other.id : literal(field, value);
  const named = other ? `“${other.label}”` : value;
  const guard = other ? `${field.id} is None or ${other.id} is None` : `${field.id} is None`;
  return { test: `${guard} or ${field.id} ${kind} ${right}`, message: `“${field.label}”应${sign[1]}${named}，请核对` };
}

function literal(field: Field, value: string): string {
  if (NUMERIC.has(field.type)) return /^-?\d+$/.test(value) ? value : `number('${value.replace(/[^\d.-]/g, '')}')`;
  if (field.type === 'date') return `date('${value.replace(/[^\d-]/g, '')}')`;
  return `'${value.replace(/['\\]/g, '')}'`;
}

/** The rules shown at a field, each with its words; new ones are composed. */
export function fieldRules(field: Field, holder: { rules?: Rule[] }, others: Field[], changed: (redraw: boolean) => void): HTMLElement {
  const box = make('div', {});
  (holder.rules ?? []).forEach((rule, index) => {
    if (rule.at === field.id) box.append(ruleFields(rule, others, () => changed(false), () => {
      holder.rules?.splice(index, 1);
      changed(true);
    }));
  });
  const comparable = NUMERIC.has(field.type) || field.type === 'date';
  const kinds: [string, string][] = comparable ? SIGNS : [['at_least', '字数不少于'], ['at_most', '字数不超过'], ['==', '等于'], ['!=', '不等于']];
  const made: Draft = { kind: kinds[0]?.[0] ?? '', value: '' };
  const value = text('', (given) => (made.value = String(given ?? '')));
  value.addEventListener('input', () => (made.value = value.value.trim()));
  const alike = others.filter((one) => one.id !== field.id && (comparable ? NUMERIC.has(one.type) === NUMERIC.has(field.type) && one.type !== 'text' : false));
  const compare = choice('', alike.map((one) => [one.id, `字段“${one.label}”`]), (chosen) => (made.value = String(chosen ?? value.value)), '（填写数值）');
  const add = make('button', { type: 'button', class: 'btn btn-sm' }, '添加规则');
  add.addEventListener('click', () => {
    const rule = composed(field, made.kind, made.value, alike);
    if (!rule) return void value.focus();
    (holder.rules ??= []).push({ ...rule, at: field.id });
    changed(true);
  });
  box.append(make('fieldset', { class: 'designer-new-rule' }, make('legend', {}, `新规则：“${field.label}”须`), labelled('怎样', choice(made.kind, kinds, (chosen) => (made.kind = String(chosen ?? '')), '（选择）')), labelled('数值', value), ...(alike.length ? [labelled('或与字段比较', compare)] : []), add));
  return box;
}

/** A rule as it is written, for who knows the language. */
export function ruleFields(rule: Rule, fields: Field[], changed: () => void, remove: () => void): HTMLElement {
  const drop = make('button', { type: 'button', class: 'btn btn-sm' }, '删去这条规则');
  drop.addEventListener('click', remove);
  return make('div', { class: 'designer-rule' },
    labelled('须成立的条件', area(rule.test, (value) => { rule.test = String(value ?? ''); changed(); }, { rows: '2', class: 'form-control form-control-sm code' }), '字段编号、数值和 and、or、not、len(…)、sum(表.列)、date(…) 等。'),
    labelled('不成立时的提示', area(rule.message, (value) => { rule.message = String(value ?? ''); changed(); }, { rows: '2' }), '可用 {字段编号} 代入所填的值。'),
    labelled('提示显示在', choice(rule.at ?? '', fields.map((field) => [field.id, field.label]), (value) => { if (value) rule.at = String(value); else delete rule.at; changed(); }, '（整张表）')),
    labelled('依据', text(rule.source ?? '', (value) => { if (value) rule.source = String(value); else delete rule.source; changed(); })),
    drop);
}
