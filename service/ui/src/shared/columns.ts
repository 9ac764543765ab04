import { changeHeaders } from './request';

const NARROWEST = 48;

/** Let a person order the columns by buttons and draw them wider; the server keeps both. */
export function startColumns(): void {
  const form = document.querySelector<HTMLFormElement>('[data-columns]');
  if (!form || form.dataset.started) return;
  form.dataset.started = 'yes';
  form.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>('[data-up],[data-down]');
    if (button) move(button);
  });
  document.querySelectorAll<HTMLElement>('th[data-column]').forEach((heading) => resizable(heading, form));
}

/** Move a column's line one place; the project stays first. */
export function move(button: HTMLElement): void {
  const line = button.closest('li');
  if (!line) return;
  const before = line.previousElementSibling;
  if (button.dataset.up !== undefined && before?.previousElementSibling) before.before(line);
  if (button.dataset.down !== undefined) line.nextElementSibling?.after(line);
  button.focus();
}

function resizable(heading: HTMLElement, form: HTMLFormElement): void {
  const handle = document.createElement('span');
  handle.className = 'column-edge';
  handle.setAttribute('aria-hidden', 'true');
  heading.append(handle);
  handle.addEventListener('pointerdown', (down) => {
    down.preventDefault();
    handle.setPointerCapture(down.pointerId);
    const from = heading.offsetWidth;
    const drag = (moved: PointerEvent) => (heading.style.width = `${Math.max(NARROWEST, from + moved.clientX - down.clientX)}px`);
    handle.addEventListener('pointermove', drag);
    handle.addEventListener('pointerup', () => {
      handle.removeEventListener('pointermove', drag);
      void keep(heading, form);
    }, { once: true });
  });
}

async function keep(heading: HTMLElement, form: HTMLFormElement): Promise<void> {
  const width = form.elements.namedItem(`width-${heading.dataset.column}`) as HTMLInputElement | null;
  if (!width) return;
  width.value = String(Math.round(heading.offsetWidth));
  const body = new FormData(form);
  body.delete('idempotency_key');
  await fetch(form.action, { method: 'POST', body, headers: changeHeaders(), redirect: 'manual' }).catch(() => undefined);
}
