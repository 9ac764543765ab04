import { startConfirm } from '../shared/confirm';
import { Draft } from '../shared/drafts';
import { startJumps } from '../shared/jump';
import { startPanels } from '../shared/panels';
import { startPhrases } from '../shared/phrases';
import { startQuestions } from '../shared/questions';
import { startUploads } from '../shared/uploads';
import { startWide } from '../shared/wide';

startJumps();
startWide();
// What scrolls sideways and holds no field must be reachable by keyboard.
const reachable = () =>
  document.querySelectorAll<HTMLElement>('.official-form-read .form-rows').forEach((table) => {
    table.tabIndex = 0;
    table.setAttribute('role', 'region');
    table.setAttribute('aria-label', table.querySelector('caption')?.textContent ?? '');
  });
reachable();
// The form was drawn anew against another version.
document.body.addEventListener('htmx:after:swap', () => {
  reachable();
  document.getElementById('main-form')?.dispatchEvent(new Event('jiheng-compared'));
  document.querySelector<HTMLElement>('#compared .changes-bases [aria-current]')?.focus();
});
const form = document.querySelector<HTMLFormElement>('#task-form');
if (form) {
  startPanels(form);
  startConfirm(form);
  startQuestions(form);
  startPhrases(form);
  startUploads(form);
  new Draft(form);
  document.getElementById('refusal')?.focus();
}
