import type { Shown } from '../shared/viewer';

/** The diagram is fetched, with its viewer, when somebody opens its tab. */
const host = document.getElementById('diagram');
let drawn = false;

async function draw(): Promise<void> {
  if (drawn || !host) return;
  drawn = true;
  const [{ show }, response] = await Promise.all([
    import('../shared/viewer'),
    fetch(host.dataset.source ?? '', { headers: { Accept: 'application/json' } }),
  ]);
  if (response.ok) await show(host, (await response.json()) as Shown);
}

if (host) {
  const panel = host.closest<HTMLElement>('.tab-panel');
  panel?.addEventListener('tab-shown', () => void draw());
  if (!panel || panel.classList.contains('tab-shown')) void draw();
}
