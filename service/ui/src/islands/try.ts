import '../shared/studio/table.css';
import { post } from '../shared/request';
import { TrialPanel, type Ask, type Matched, type Question } from '../shared/studio/trial';

/** Values tried on decision tables that are only read: the rows that match are marked where they stand. */
function start(host: HTMLElement): void {
  const form = host.querySelector('form') as HTMLFormElement;
  const answer = host.querySelector('[data-part=answer]') as HTMLElement;
  const ask: Ask = (decision, inputs) => {
    const body = new FormData();
    body.append('decision', decision);
    body.append('inputs', inputs);
    return post(host.dataset.try ?? '', body);
  };
  const panel = new TrialPanel(form, answer, ask, (_, tables) => mark(host, tables));
  panel.show(JSON.parse(host.dataset.questions ?? '[]') as Question[]);
}

function mark(host: HTMLElement, tables: Matched[]): void {
  const file = host.closest('[data-file]') ?? document;
  file.querySelectorAll('tr.row-matched').forEach((row) => row.classList.remove('row-matched'));
  for (const { table, matched } of tables) {
    const place = [...file.querySelectorAll<HTMLElement>('[data-table]')].find((one) => one.dataset.table === table);
    for (const row of matched) place?.querySelector(`tr[data-row="${row}"]`)?.classList.add('row-matched');
  }
}

document.querySelectorAll<HTMLElement>('[data-questions]').forEach(start);
