import { same, sum } from '../shared/decimals';
import { cells, fillDown, header, type Column } from '../shared/paste';
import { startSuggestions } from '../shared/suggestions';

/** Rows of a table in a form: add, remove, move, paste from a spreadsheet, exact sums. */

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
const CONTROLS = 'input:not([type=hidden]),select,textarea';

const hostOf = (element: Element) => element.closest<HTMLElement>('[data-rows]');
const bodyOf = (host: HTMLElement) => host.querySelector('tbody') as HTMLTableSectionElement;
const changed = (host: HTMLElement) => host.dispatchEvent(new Event('change', { bubbles: true }));

function renumber(host: HTMLElement): void {
  const table = host.dataset.rows ?? '';
  const old = new RegExp(`^${table}-(\\d+|__i__)-`);
  [...bodyOf(host).rows].forEach((row, index) => {
    row.dataset.row = String(index);
    const number = row.querySelector('[data-row-number]');
    if (number) number.textContent = String(index + 1);
    row.querySelectorAll('[name],[id],[aria-describedby]').forEach((element) => {
      for (const name of ['name', 'id', 'aria-describedby']) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, value.replace(old, `${table}-${index}-`));
      }
      const label = element.getAttribute('aria-label');
      if (label) element.setAttribute('aria-label', label.replace(/^第\d*行/, `第${index + 1}行`));
    });
  });
  showSums(host);
}

function showSums(host: HTMLElement): void {
  host.querySelectorAll<HTMLElement>('[data-sum]').forEach((place) => {
    const inputs = [...host.querySelectorAll<HTMLInputElement>(`tbody [name$="-${place.dataset.sum}"]`)];
    place.textContent = sum(inputs.map((input) => input.value));
    const weights = place.dataset.sum === 'weight';
    place.classList.toggle('sum-off', weights && !same(place.textContent, '100') && !same(place.textContent, '90'));
  });
}

function addRow(host: HTMLElement): HTMLTableRowElement {
  const pattern = host.querySelector<HTMLTemplateElement>('template[data-pattern]');
  const row = pattern?.content.querySelector('tr')?.cloneNode(true) as HTMLTableRowElement;
  bodyOf(host).append(row);
  renumber(host);
  return row;
}

function write(control: Control, text: string): void {
  if (control instanceof HTMLSelectElement) {
    const plain = text.replace(/\s/g, '');
    const option = [...control.options].find((one) => one.text.trim() === plain || one.value === plain || one.text.startsWith(plain + '（'));
    if (option && plain) control.value = option.value;
  } else {
    control.value = text;
  }
}

function columnsOf(host: HTMLElement): Column[] {
  return [...host.querySelectorAll<HTMLElement>('thead th[data-column]')].map((cell) => ({
    id: cell.dataset.column ?? '',
    label: (cell.textContent ?? '').replace(/[（(].*[)）]|[*\s]/g, ''),
  }));
}

function paste(host: HTMLElement, cell: HTMLTableCellElement, text: string): void {
  let rows = cells(text);
  const columns = columnsOf(host);
  const named = header(rows[0] ?? [], columns);
  const first = columns.findIndex((column) => column.id === cell.dataset.column);
  const targets = named ?? (rows[0] ?? []).map((_, index) => columns[first + index]?.id ?? null);
  if (named) rows = rows.slice(1);
  rows = fillDown(rows, targets.flatMap((id, index) => (id === 'level1_code' || id === 'level2_code' ? [index] : [])));
  let at = [...bodyOf(host).rows].indexOf(cell.parentElement as HTMLTableRowElement);
  for (const line of rows) {
    const row = bodyOf(host).rows[at] ?? addRow(host);
    at += 1;
    line.forEach((value, index) => {
      const control = row.querySelector<Control>(`td[data-column="${targets[index]}"] :is(${CONTROLS})`);
      if (control && targets[index]) write(control, value);
    });
  }
  renumber(host);
  changed(host);
}

function act(host: HTMLElement, button: HTMLElement): void {
  const row = button.closest('tr');
  const kind = button.dataset.act;
  if (kind === 'add') addRow(host).querySelector<HTMLElement>(CONTROLS)?.focus();
  else if (kind === 'remove' && row) {
    const next = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector<HTMLElement>('[data-act=remove]');
    row.remove();
    (next ?? host.querySelector<HTMLElement>('[data-act=add]'))?.focus();
  } else if (kind === 'up' && row?.previousElementSibling) move(row, row.previousElementSibling, button);
  else if (kind === 'down' && row?.nextElementSibling) move(row.nextElementSibling as HTMLTableRowElement, row, button);
  else return;
  renumber(host);
  changed(host);
}

function move(row: Element, before: Element, focus: HTMLElement): void {
  before.before(row);
  focus.focus();
}

document.addEventListener('click', (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>('[data-act]');
  const host = button && hostOf(button);
  if (button && host) act(host, button);
});

// Alt + arrow moves the row one is in, so that ordering needs no mouse.
document.addEventListener('keydown', (event) => {
  const row = (event.target as HTMLElement).closest<HTMLTableRowElement>('[data-rows] tbody tr');
  if (!row || !event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
  event.preventDefault();
  const other = event.key === 'ArrowUp' ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  move(event.key === 'ArrowUp' ? row : other, event.key === 'ArrowUp' ? other : row, event.target as HTMLElement);
  const host = hostOf(row);
  if (host) {
    renumber(host);
    changed(host);
  }
});

document.addEventListener('input', (event) => {
  const host = hostOf(event.target as HTMLElement);
  if (host) showSums(host);
});

document.addEventListener('paste', (event) => {
  const cell = (event.target as HTMLElement).closest<HTMLTableCellElement>('[data-rows] tbody td[data-column]');
  const text = event.clipboardData?.getData('text/plain') ?? '';
  const host = cell && hostOf(cell);
  if (!cell || !host || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  paste(host, cell, text);
});

document.querySelectorAll<HTMLElement>('[data-rows]').forEach(renumber);
startSuggestions();
