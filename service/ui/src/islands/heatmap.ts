import '../shared/replay.css';

type Figures = { xml: string; steps: Record<string, { count: number; time: number }> };

/** Steps coloured by how often, or how long, something was there; the figure stands at the step. */
const host = document.getElementById('heatmap');

async function start(place: HTMLElement): Promise<void> {
  const [{ draw }, response] = await Promise.all([
    import('../shared/viewer'),
    fetch(place.dataset.source ?? '', { headers: { Accept: 'application/json' } }),
  ]);
  if (!response.ok) return;
  const figures = (await response.json()) as Figures;
  const viewer = await draw(place, figures.xml);
  const canvas = viewer.get<any>('canvas');
  const overlays = viewer.get<any>('overlays');
  const registry = viewer.get<any>('elementRegistry');
  canvas.zoom('fit-viewport', 'auto');

  function colour(kind: 'count' | 'time'): void {
    overlays.clear();
    const most = Math.max(...Object.values(figures.steps).map((step) => step[kind]), 0) || 1;
    for (const [id, step] of Object.entries(figures.steps)) {
      if (!registry.get(id)) continue;
      for (let heat = 1; heat <= 5; heat += 1) canvas.removeMarker(id, `heat-${heat}`);
      canvas.addMarker(id, `heat-${Math.max(1, Math.ceil((step[kind] / most) * 5))}`);
      const label = document.createElement('div');
      label.className = 'heat-figure';
      label.textContent = kind === 'count' ? String(step.count) : step.time.toFixed(1);
      overlays.add(id, { position: { bottom: 10, right: 10 }, html: label });
    }
  }

  colour('count');
  document.querySelectorAll<HTMLInputElement>('input[name=heat]').forEach((input) =>
    input.addEventListener('change', () => colour(input.value as 'count' | 'time')),
  );
}

if (host) void start(host);
