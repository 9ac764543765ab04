/** A dry run over many cases tells how far it is; without scripts the page waits for the whole of it. */

type Line = { done: number; all: number; html?: string };

const form = document.querySelector<HTMLFormElement>('#dry-run-form');
const progress = document.querySelector<HTMLElement>('#dry-run-progress');
const place = document.querySelector<HTMLElement>('#dry-run-result');

function told(line: Line): void {
  const bar = progress?.querySelector('progress');
  const said = progress?.querySelector('span');
  if (bar) bar.value = line.all ? (100 * line.done) / line.all : 0;
  if (said) said.textContent = `${line.done} / ${line.all} 件`;
  if (line.html !== undefined && place) place.innerHTML = line.html;
}

async function run(address: string): Promise<void> {
  const answer = await fetch(address);
  if (!answer.ok || !answer.body) throw new Error(answer.statusText);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let left = '';
  for (;;) {
    const { done, value } = await reader.read();
    left += value ?? '';
    const lines = left.split('\n');
    left = lines.pop() ?? '';
    for (const line of lines) if (line) told(JSON.parse(line) as Line);
    if (done) return;
  }
}

form?.addEventListener('submit', (event) => {
  const button = form.querySelector<HTMLButtonElement>('button');
  if (!progress || !place || !button) return;
  event.preventDefault();
  const season = new URLSearchParams(new FormData(form) as unknown as Record<string, string>).toString();
  place.replaceChildren();
  progress.hidden = false;
  button.disabled = true;
  told({ done: 0, all: 0 });
  run(`${form.dataset.stream}?${season}`)
    .then(() => window.history.replaceState(null, '', `?${season}`))
    .catch(() => form.submit()) // the page itself says what is wrong
    .finally(() => {
      progress.hidden = true;
      button.disabled = false;
    });
});
