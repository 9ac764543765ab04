import { freshKey, post } from './request';

type Kept = { files: { id: string; filename: string }[]; problems: string[] };

/** Files of a form: sent to the case as soon as they are chosen, the form keeps their ids. */
export function startUploads(form: HTMLFormElement): void {
  form.addEventListener('change', (event) => {
    const input = event.target as HTMLInputElement;
    if (input.type === 'file' && input.name.endsWith('-upload') && input.files?.length) void send(form, input);
  });
  form.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest('[data-remove-file]');
    if (!button) return;
    const list = button.closest('ul');
    button.closest('li')?.remove();
    changed(list ?? form);
  });
}

async function send(form: HTMLFormElement, input: HTMLInputElement): Promise<void> {
  const name = input.name.slice(0, -'-upload'.length);
  const list = form.querySelector<HTMLElement>(`[data-files="${name}"]`);
  const refused = form.querySelector<HTMLElement>(`[data-files-refused="${name}"]`);
  if (!list || !form.dataset.attachments) return;
  const body = new FormData();
  for (const file of input.files ?? []) body.append('upload', file);
  body.append('idempotency_key', freshKey());
  input.disabled = true;
  try {
    const kept = await post<Kept>(form.dataset.attachments, body);
    for (const file of kept.files) list.append(line(name, file));
    if (refused) refused.textContent = kept.problems.join('；');
  } catch (error) {
    if (refused) refused.textContent = (error as Error).message;
  } finally {
    input.value = '';
    input.disabled = false;
    changed(list);
  }
}

function line(name: string, file: { id: string; filename: string }): HTMLLIElement {
  const item = document.createElement('li');
  const field = Object.assign(document.createElement('input'), { type: 'hidden', name, value: file.id });
  const remove = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-sm', textContent: '×' });
  remove.dataset.removeFile = '';
  remove.setAttribute('aria-label', `× ${file.filename}`);
  item.append(field, `${file.filename} `, remove);
  return item;
}

/** The draft is saved and checked anew. */
function changed(place: HTMLElement): void {
  place.dispatchEvent(new Event('change', { bubbles: true }));
}
