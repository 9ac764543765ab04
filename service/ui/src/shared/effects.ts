import { changeHeaders } from './request';

/** A panel of a verb says what it would do as soon as it opens, and again when another step or way is chosen. */
export function startEffects(form: HTMLFormElement, panel: HTMLElement): () => void {
  const place = panel.querySelector<HTMLElement>('[data-effects]');
  if (!place) return () => undefined;
  let asked = 0;
  const show = async () => {
    const mine = (asked += 1);
    const said = await foresee(form, place);
    if (mine === asked) place.innerHTML = said;
  };
  panel.addEventListener('change', (event) => {
    if (['to', 'resubmit'].includes((event.target as HTMLInputElement).name)) void show();
  });
  return () => void show();
}

async function foresee(form: HTMLFormElement, place: HTMLElement): Promise<string> {
  const body = new FormData();
  body.set('verb', place.dataset.verb ?? '');
  for (const name of ['to', 'resubmit', 'csrf_token']) {
    const value = new FormData(form).get(name);
    if (typeof value === 'string') body.set(name, value);
  }
  const request = { method: 'POST', body, headers: { ...changeHeaders(), Accept: 'text/html' } };
  const response = await fetch(place.dataset.effects ?? '', request).catch(() => undefined);
  return response?.status === 200 ? response.text() : '';
}
