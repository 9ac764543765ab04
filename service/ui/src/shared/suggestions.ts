type Suggestion = Record<string, string>;

/** Cells a suggestion from the indicator library fills beside the name, unless something stands there. */
const FILLS = ['level1_code', 'level2_code', 'operator', 'measure_unit', 'definition', 'evidence_required'];
const SHOWN = 'suggestions';
let list: HTMLUListElement | undefined;
let timer: number | undefined;

/** Suggest indicators from the district's library under the name of an indicator row. */
export function startSuggestions(): void {
  const address = document.querySelector<HTMLElement>('[data-suggestions]')?.dataset.suggestions;
  if (!address) return;
  document.addEventListener('input', (event) => {
    const input = event.target as HTMLInputElement;
    if (!input.matches('[name^="indicators-"][name$="-level3_name"]')) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(address, input), 250);
  });
  document.addEventListener('keydown', onKey);
  document.addEventListener('focusout', () => window.setTimeout(close, 150));
}

async function ask(address: string, input: HTMLInputElement): Promise<void> {
  const level = cell(input, 'level2_code')?.value ?? '';
  const query = new URLSearchParams({ q: input.value, level2: level });
  const response = await fetch(`${address}?${query}`, { headers: { Accept: 'application/json' } }).catch(() => undefined);
  if (!response?.ok || document.activeElement !== input) return;
  show(input, (await response.json()) as Suggestion[]);
}

function show(input: HTMLInputElement, found: Suggestion[]): void {
  close();
  if (!found.length) return;
  list = document.createElement('ul');
  list.className = SHOWN;
  list.setAttribute('role', 'listbox');
  found.slice(0, 12).forEach((one) => {
    const item = document.createElement('li');
    item.setAttribute('role', 'option');
    const more = document.createElement('small');
    more.textContent = [one.level2_name, one.example_value && `${one.example_value}${one.measure_unit ?? ''}`, one.definition].filter(Boolean).join(' · ');
    item.append(one.level3_name ?? '', more);
    item.addEventListener('mousedown', (event) => {
      event.preventDefault();
      choose(input, one);
    });
    list?.append(item);
  });
  const place = input.getBoundingClientRect();
  list.style.left = `${place.left + window.scrollX}px`;
  list.style.top = `${place.bottom + window.scrollY + 2}px`;
  document.body.append(list);
}

function choose(input: HTMLInputElement, one: Suggestion): void {
  input.value = one.level3_name ?? input.value;
  for (const name of FILLS) {
    const control = cell(input, name);
    if (control && !control.value && one[name]) control.value = one[name] ?? '';
  }
  close();
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

function cell(input: HTMLInputElement, column: string): HTMLInputElement | HTMLSelectElement | null {
  return input.form?.elements.namedItem(input.name.replace('level3_name', column)) as HTMLInputElement | null;
}

function onKey(event: KeyboardEvent): void {
  if (!list) return;
  const items = [...list.children] as HTMLElement[];
  const at = items.findIndex((item) => item.getAttribute('aria-selected') === 'true');
  if (event.key === 'Escape') close();
  else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    const next = (at + (event.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length;
    items.forEach((item, index) => item.setAttribute('aria-selected', String(index === next)));
  } else if (event.key === 'Enter' && at >= 0) {
    event.preventDefault();
    items[at]?.dispatchEvent(new MouseEvent('mousedown', { cancelable: true }));
  }
}

function close(): void {
  list?.remove();
  list = undefined;
}
