import type { Field, Option } from './words';

/** Labelled controls of the property panel; each tells its new value when the person leaves it. */

export type Value = string | number | boolean | undefined;
export type Told = (value: Value) => void;

let numbers = 0;

export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name, attributes: Record<string, string> = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A label, a control and a hint, joined for screen readers. */
export function labelled(label: string, control: HTMLElement, hint = ''): HTMLElement {
  const id = `studio-field-${(numbers += 1)}`;
  control.id = id;
  const box = make('div', { class: 'studio-field' }, make('label', { for: id }, label), control);
  if (hint) {
    box.append(make('small', { id: `${id}-hint` }, hint));
    control.setAttribute('aria-describedby', `${id}-hint`);
  }
  return box;
}

export function text(value: string, tell: Told, attributes: Record<string, string> = {}): HTMLInputElement {
  const input = make('input', { type: 'text', class: 'form-control form-control-sm', ...attributes });
  input.value = value;
  input.addEventListener('change', () => tell(input.value.trim() || undefined));
  return input;
}

export function area(value: string, tell: Told, attributes: Record<string, string> = {}): HTMLTextAreaElement {
  const input = make('textarea', { class: 'form-control form-control-sm', rows: '3', ...attributes });
  input.value = value;
  input.addEventListener('change', () => tell(input.value.trim() || undefined));
  return input;
}

function whole(value: Value, tell: Told): HTMLInputElement {
  const input = make('input', { type: 'number', min: '0', max: '999', step: '1', class: 'form-control form-control-sm' });
  input.value = value === undefined ? '' : String(value);
  input.addEventListener('change', () => tell(input.value === '' ? undefined : Math.trunc(Number(input.value))));
  return input;
}

export function choice(value: string, options: Option[], tell: Told, empty = '（不选）'): HTMLSelectElement {
  const select = make('select', { class: 'form-select form-select-sm' }, new Option(empty, ''));
  // A value of another tool or of an earlier profile stays visible, the check says what is wrong with it.
  const all = value && !options.some(([code]) => code === value) ? [...options, [value, `${value}（不认识）`] as Option] : options;
  for (const [code, title] of all) select.add(new Option(title, code));
  select.value = value;
  select.addEventListener('change', () => tell(select.value || undefined));
  return select;
}

function boolean(label: string, value: Value, hint: string, tell: Told): HTMLElement {
  const input = make('input', { type: 'checkbox', class: 'form-check-input' });
  input.checked = value === true || value === 'true';
  input.addEventListener('change', () => tell(input.checked || undefined));
  const box = make('div', { class: 'studio-field' }, make('label', { class: 'studio-check' }, input, ` ${label}`));
  if (hint) box.append(make('small', {}, hint));
  return box;
}

/** Several of a list, kept as words with spaces between. */
export function list(label: string, value: string, options: Option[], hint: string, tell: Told): HTMLElement {
  const chosen = new Set(value.split(/\s+/).filter(Boolean));
  const set = make('fieldset', { class: 'studio-field studio-list' }, make('legend', {}, label));
  for (const [code, title] of options) {
    const input = make('input', { type: 'checkbox', class: 'form-check-input', value: code });
    input.checked = chosen.has(code);
    input.addEventListener('change', () => {
      if (input.checked) chosen.add(code);
      else chosen.delete(code);
      tell([...chosen].join(' ') || undefined);
    });
    set.append(make('label', { class: 'studio-check' }, input, ` ${title}`));
  }
  if (hint) set.append(make('small', {}, hint));
  return set;
}

/** The control a field asks for. `steps` are the other steps of the drawing. */
export function control(field: Field, value: Value, steps: Option[], tell: Told, empty?: string): HTMLElement {
  const given = value === undefined ? '' : String(value);
  switch (field.kind) {
    case 'choice':
      return labelled(field.label, choice(given, field.options, tell, empty), field.hint);
    case 'integer':
      return labelled(field.label, whole(value, tell), field.hint);
    case 'boolean':
      return boolean(field.label, value, field.hint, tell);
    case 'list':
      return list(field.label, given, field.options, field.hint, tell);
    case 'steps':
      return list(field.label, given, steps, field.hint, tell);
    case 'targets':
      return targets(field, given, steps, tell);
    default:
      return labelled(field.label, text(given, tell), field.hint);
  }
}

/** One of four words, or steps by name. */
function targets(field: Field, value: string, steps: Option[], tell: Told): HTMLElement {
  const NAMED = '*';
  const word = field.options.some(([code]) => code === value) || !value;
  const box = make('div', { class: 'studio-field' });
  const named = list('可退回的步骤', word ? '' : value, steps, '', tell);
  named.hidden = word;
  const select = choice(word ? value : NAMED, [...field.options, [NAMED, '指定的步骤']], (chosen) => {
    named.hidden = chosen !== NAMED;
    if (chosen !== NAMED) tell(chosen);
  });
  box.append(labelled(field.label, select, field.hint), named);
  return box;
}
