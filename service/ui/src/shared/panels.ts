import { startEffects } from './effects';

/** What a decision still needs to know is asked in a dialog; without scripts it stands in the page. */
export function startPanels(form: HTMLFormElement): void {
  form.querySelectorAll<HTMLElement>('.act-panel').forEach((panel) => {
    const dialog = document.createElement('dialog');
    dialog.className = 'act-dialog';
    dialog.setAttribute('aria-labelledby', panel.getAttribute('aria-labelledby') ?? '');
    panel.replaceWith(dialog);
    dialog.append(panel);
    panel.querySelector('[data-close]')?.addEventListener('click', () => dialog.close());
    // Only the dialog that is open may send its fields.
    const apply = () => panel.querySelectorAll<HTMLInputElement>('input,textarea,select').forEach((control) => (control.disabled = !dialog.open));
    dialog.addEventListener('close', apply);
    apply();
    const foresee = startEffects(form, panel);
    const open = () => {
      dialog.showModal();
      apply();
      foresee();
      panel.querySelector<HTMLElement>('textarea')?.focus();
    };
    form.querySelector(`[data-panel="${panel.id}"]`)?.addEventListener('click', (event) => {
      event.preventDefault();
      (event.currentTarget as HTMLElement).closest('details')?.removeAttribute('open');
      open();
    });
    if (panel.dataset.open !== undefined) open();
  });
}
