/** Reviewers raise findings by clicking the cell they mean. */
export function startQuestions(form: HTMLFormElement): void {
  const rows = form.querySelector<HTMLElement>('[data-finding-rows]');
  const sheet = document.querySelector<HTMLElement>('#main-form[data-questions]');
  if (!rows || !sheet) return;
  const invite = () =>
    sheet.querySelectorAll<HTMLElement>('td[data-field],td[data-column],td.row-number').forEach((cell) => {
      cell.classList.add('can-question');
      cell.title = sheet.dataset.questions ?? '';
    });
  invite();
  sheet.addEventListener('jiheng-compared', invite);
  sheet.addEventListener('click', (event) => {
    const cell = (event.target as HTMLElement).closest<HTMLElement>('.can-question');
    if (cell && !window.getSelection()?.toString()) ask(rows, pathOf(cell));
  });
  form.addEventListener('click', (event) => {
    const target = event.target as HTMLElement;
    if (target.closest('[data-add-question]')) ask(rows, '');
    const row = target.closest('[data-remove-question]')?.closest<HTMLElement>('.finding-row');
    if (row) clear(rows, row);
  });
  form.addEventListener('input', () => count(rows));
  count(rows);
}

/** The path of a cell shown for reading: `annual_goal`, `indicators[2].weight`, `indicators[2]`. */
export function pathOf(cell: HTMLElement): string {
  if (cell.dataset.field) return cell.dataset.field;
  const table = cell.closest<HTMLElement>('.form-rows')?.id ?? '';
  const row = cell.closest<HTMLElement>('tr')?.dataset.row ?? '';
  return `${table}[${row}]${cell.dataset.column ? `.${cell.dataset.column}` : ''}`;
}

const textOf = (row: Element) => row.querySelector<HTMLInputElement>('[name$="-message"]');

function ask(rows: HTMLElement, path: string): void {
  document.querySelector<HTMLAnchorElement>('.tab-list > a[href="#tab-findings"]')?.click();
  const blank = [...rows.children].find((row) => !textOf(row)?.value && !row.querySelector<HTMLSelectElement>('[name$="-field"]')?.value);
  const row = (blank ?? add(rows)) as HTMLElement;
  const place = row.querySelector<HTMLSelectElement>('[name$="-field"]');
  if (place) {
    place.value = path;
    // A column the list does not name is asked about at its row.
    if (place.value !== path) place.value = path.replace(/\.[^.\]]+$/, '');
  }
  textOf(row)?.focus();
}

function add(rows: HTMLElement): HTMLElement {
  const row = rows.lastElementChild?.cloneNode(true) as HTMLElement;
  const number = 1 + Math.max(...[...rows.querySelectorAll<HTMLInputElement>('[name$="-message"]')].map((input) => Number(input.name.split('-')[1])));
  row.querySelectorAll<HTMLInputElement>('[name]').forEach((control) => {
    control.name = control.name.replace(/-\d+-/, `-${number}-`);
    control.value = control.name.endsWith('-severity') ? 'error' : '';
  });
  rows.append(row);
  return row;
}

function clear(rows: HTMLElement, row: HTMLElement): void {
  if (rows.children.length > 1) row.remove();
  else row.querySelectorAll<HTMLInputElement>('[name]').forEach((control) => (control.value = control.name.endsWith('-severity') ? 'error' : ''));
  count(rows);
}

function count(rows: HTMLElement): void {
  const written = [...rows.children].filter((row) => textOf(row)?.value.trim()).length;
  document.querySelectorAll('[data-finding-count]').forEach((place) => (place.textContent = String(written)));
}
