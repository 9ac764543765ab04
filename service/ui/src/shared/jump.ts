import { reveal } from './tabs';

/** The element a path of the form names: `indicators[2].weight`, `indicators[2]`, `annual_goal`; null if it is not shown. */
export function place(path: string): HTMLElement | null {
  const parts = path.match(/[^.[\]]+/g) ?? [];
  const [field = '', row, column] = parts;
  const name = CSS.escape(parts.join('-'));
  const input = document.querySelector<HTMLElement>(`[name="${name}"]:not([type=hidden])`);
  if (input) return input;
  const table = document.getElementById(field);
  const line = row === undefined ? null : table?.querySelector<HTMLElement>(`tr[data-row="${CSS.escape(row)}"]`);
  const cell = column === undefined ? null : line?.querySelector<HTMLElement>(`td[data-column="${CSS.escape(column)}"]`);
  return cell ?? line ?? document.querySelector<HTMLElement>(`td[data-field="${CSS.escape(field)}"]`) ?? table ?? document.getElementById('main-form');
}

/** Bring a place into view, mark it for a moment and put the cursor there. */
export function jump(path: string): void {
  const target = place(path);
  if (!target) return;
  reveal(target);
  target.scrollIntoView({ block: 'center', inline: 'nearest' });
  if (target.matches('input,select,textarea')) target.focus({ preventScroll: true });
  target.classList.add('jumped');
  window.setTimeout(() => target.classList.remove('jumped'), 2500);
}

/** Follow every link that names a place of the form. */
export function startJumps(): void {
  document.addEventListener('click', (event) => {
    const link = (event.target as HTMLElement).closest<HTMLElement>('[data-jump]');
    if (!link) return;
    event.preventDefault();
    jump(link.dataset.jump ?? '');
  });
}
