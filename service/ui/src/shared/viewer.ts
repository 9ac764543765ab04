import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

export type Current = { node_id: string; names: string[]; role_name: string; since: string };
export type Places = { current: Current[]; done: string[]; returned: string[]; cancelled?: string[]; earlier?: string[]; walked?: [string, string][] };
export type Shown = Places & { xml: string };

const MARKS = ['done', 'returned', 'cancelled', 'earlier'] as const;

/** Draw a diagram, colour its steps and name who holds the current ones. The bpmn.io mark stays visible. */
export async function show(host: HTMLElement, shown: Shown): Promise<void> {
  const viewer = await draw(host, shown.xml);
  mark(viewer, host, shown);
  const canvas = viewer.get<any>('canvas');
  // Chromium measures a canvas that has just become visible only in the next frame.
  requestAnimationFrame(() => focus(canvas, viewer.get<any>('elementRegistry'), shown));
  host.closest('section,div.tab-panel')?.querySelectorAll<HTMLElement>('[data-diagram]').forEach((button) =>
    button.addEventListener('click', () => {
      if (button.dataset.diagram === 'fit') canvas.zoom('fit-viewport', 'auto');
      else canvas.zoom(canvas.zoom() * (button.dataset.diagram === 'in' ? 1.25 : 0.8));
    }),
  );
}

/** A viewer of a diagram without any marks. */
export async function draw(host: HTMLElement, xml: string): Promise<NavigatedViewer> {
  const viewer = new NavigatedViewer({ container: host });
  await viewer.importXML(xml);
  return viewer;
}

/** Colour the steps and name who holds the current ones; earlier marks of the same viewer go. */
export function mark(viewer: NavigatedViewer, host: HTMLElement, shown: Places): void {
  const canvas = viewer.get<any>('canvas');
  const overlays = viewer.get<any>('overlays');
  const registry = viewer.get<any>('elementRegistry');
  overlays.clear();
  for (const element of registry.getAll()) {
    for (const name of [...MARKS, 'current', 'walked']) canvas.removeMarker(element.id, `diagram-${name}`);
  }
  for (const name of MARKS) {
    (shown[name] ?? []).filter((id) => registry.get(id)).forEach((id) => canvas.addMarker(id, `diagram-${name}`));
  }
  const walked = new Set((shown.walked ?? []).map((ends) => ends.join(' ')));
  for (const arrow of registry.filter((element: any) => element.waypoints && element.source && element.target)) {
    if (walked.has(`${arrow.source.id} ${arrow.target.id}`)) canvas.addMarker(arrow.id, 'diagram-walked');
  }
  for (const place of shown.current) {
    if (!registry.get(place.node_id)) continue;
    canvas.removeMarker(place.node_id, 'diagram-done');
    canvas.addMarker(place.node_id, 'diagram-current');
    const label = document.createElement('div');
    label.className = 'diagram-holder';
    label.textContent = place.names.join('、') || host.dataset.nobody || '';
    label.title = `${place.role_name}　${label.textContent}　${host.dataset.since ?? ''} ${place.since.slice(0, 16).replace('T', ' ')}`;
    overlays.add(place.node_id, { position: { bottom: -2, left: 0 }, html: label });
  }
}

/** The whole diagram if it can be read so, else the current step in the middle. */
export function focus(canvas: any, registry: any, shown: Places): void {
  canvas.resized();
  canvas.zoom('fit-viewport', 'auto');
  const first = shown.current.map((place) => registry.get(place.node_id)).find(Boolean);
  if (canvas.zoom() >= 0.55 || !first) return;
  const view = canvas.viewbox();
  const scale = 0.7;
  const width = view.outer.width / scale;
  const height = view.outer.height / scale;
  canvas.viewbox({ x: first.x + first.width / 2 - width / 2, y: first.y + first.height / 2 - height / 2, width, height });
}
