import { Draft } from '../shared/drafts';
import { startJumps } from '../shared/jump';
import { startPanels } from '../shared/panels';
import { startQuestions } from '../shared/questions';

startJumps();
const form = document.querySelector<HTMLFormElement>('#task-form');
if (form) {
  startPanels(form);
  startQuestions(form);
  new Draft(form);
  document.getElementById('refusal')?.focus();
}
