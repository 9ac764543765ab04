import { changeHeaders } from './request';

const ASKED = ['approve', 'submit'];

/** Before an approval or a submission is sent, a sheet says what it will do; what is wrong goes to the page instead. */
export function startConfirm(form: HTMLFormElement): void {
  const sheet = document.querySelector<HTMLTemplateElement>('#confirm-sheet')?.content.firstElementChild?.cloneNode(true) as HTMLDialogElement | undefined;
  if (!sheet) return;
  document.body.append(sheet);
  rememberList(form);
  let meant = false;
  form.addEventListener('submit', (event) => {
    const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    if (meant || !button || !ASKED.includes(button.value)) return;
    event.preventDefault();
    void ask(form, button, sheet).then((yes) => {
      if (!yes) return button.focus();
      meant = true;
      form.requestSubmit(button);
      meant = false;
    });
  });
  form.dataset.confirms = 'yes';
}

async function ask(form: HTMLFormElement, button: HTMLButtonElement, sheet: HTMLDialogElement): Promise<boolean> {
  const said = await preview(form, button);
  // Whatever is wrong is shown at its place by the page itself.
  if (said === undefined) return true;
  const place = sheet.querySelector<HTMLElement>('[data-says]');
  const confirm = sheet.querySelector<HTMLButtonElement>('[data-confirm]');
  if (!place || !confirm) return true;
  place.innerHTML = said;
  confirm.textContent = button.textContent;
  return new Promise((resolve) => {
    const answer = (yes: boolean) => {
      sheet.onclose = null;
      sheet.close();
      resolve(yes);
    };
    confirm.onclick = () => answer(true);
    sheet.querySelector<HTMLButtonElement>('[data-cancel]')!.onclick = () => answer(false);
    sheet.onclose = () => resolve(false);
    sheet.showModal();
    confirm.focus();
  });
}

async function preview(form: HTMLFormElement, button: HTMLButtonElement): Promise<string | undefined> {
  const body = new FormData(form);
  for (const [name, value] of [...body.entries()]) if (value instanceof File) body.delete(name);
  body.set('verb', button.value);
  const address = form.action.replace(/\/decide$/, '/preview');
  const response = await fetch(address, { method: 'POST', body, headers: { ...changeHeaders(), Accept: 'text/html' } }).catch(() => undefined);
  return response?.status === 200 ? response.text() : undefined;
}

/** The list this task was opened from goes with the decision, so that the next task is the next of that list. */
function rememberList(form: HTMLFormElement): void {
  const field = document.createElement('input');
  field.type = 'hidden';
  field.name = 'list';
  field.value = sessionStorage.getItem('jiheng-list') ?? '';
  form.append(field);
}
