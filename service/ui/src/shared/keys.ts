const THEN = 1200;
const FIELDS = 'input,textarea,select,[contenteditable]';

type Act = () => boolean;

/** Keys of the whole desk. No key decides: those that begin a decision only open what asks for it. */
export function startKeys(): void {
  if (document.cookie.includes('jiheng_keys_off=1')) return;
  let before = '';
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if ((event.target as HTMLElement).closest?.(FIELDS) || document.querySelector('dialog[open]')) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = before === 'g' ? AFTER_G[key] : ACTS[key];
    before = before !== 'g' && key === 'g' ? 'g' : '';
    if (before) window.setTimeout(() => (before = ''), THEN);
    if (act?.()) event.preventDefault();
  });
}

const AFTER_G: Record<string, Act> = {
  i: () => {
    location.assign('/');
    return true;
  },
};

const ACTS: Record<string, Act> = {
  j: () => step(1),
  k: () => step(-1),
  x: () => click(document.activeElement?.closest('tr')?.querySelector<HTMLInputElement>('input[type=checkbox]')),
  '/': () => focus(document.querySelector<HTMLElement>('main input[type=search]')),
  a: () => click(document.querySelector<HTMLElement>('form[data-confirms] .action-bar :is([value=approve],[value=submit]):not([aria-disabled])')),
  r: () => click(document.querySelector<HTMLElement>('[data-panel="panel-return"]')),
  t: () => click(document.querySelector<HTMLElement>('[data-panel="panel-transfer"]')),
  c: () => write(),
  d: () => click(document.querySelector<HTMLElement>('[data-compare]')),
  f: () => click(document.querySelector<HTMLElement>('.tab-list > a[href="#tab-diagram"]')),
  v: () => click(document.querySelector<HTMLElement>('[data-wide]')),
  '?': () => help(),
};

/** Go to the title of the next or previous line of the list. */
export function step(by: number): boolean {
  const titles = [...document.querySelectorAll<HTMLElement>('.list-table tbody td.title > a')];
  if (!titles.length) return false;
  const line = document.activeElement?.closest('tr');
  const present = titles.findIndex((title) => title.closest('tr') === line);
  const next = present < 0 ? (by > 0 ? 0 : titles.length - 1) : Math.min(Math.max(present + by, 0), titles.length - 1);
  return focus(titles[next]);
}

function write(): boolean {
  const opinion = document.querySelector<HTMLElement>('#task-form :is(textarea[name=reason],textarea[name=opinion])');
  const panel = opinion?.closest<HTMLElement>('.tab-panel');
  if (panel) document.querySelector<HTMLElement>(`.tab-list > a[href="#${panel.id}"]`)?.click();
  return focus(opinion);
}

function help(): boolean {
  const sheet = document.querySelector<HTMLTemplateElement>('#keys-help')?.content.firstElementChild?.cloneNode(true) as HTMLDialogElement | undefined;
  if (!sheet) return false;
  document.body.append(sheet);
  sheet.addEventListener('close', () => sheet.remove());
  sheet.showModal();
  return true;
}

function focus(element: HTMLElement | null | undefined): boolean {
  element?.focus();
  element?.scrollIntoView({ block: 'nearest' });
  return Boolean(element);
}

function click(element: HTMLElement | null | undefined): boolean {
  element?.click();
  return Boolean(element);
}
