/* eslint-disable @typescript-eslint/no-explicit-any */
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { translate } from '../shared/studio/words';

/** Two versions of a process side by side: what changed is coloured, both canvases move together. */

type Change = { old: string[]; new: string[] };
type Compared = { old: string; new: string; changes: Change[] };
type Side = 'old' | 'new';
const SIDES: Side[] = ['old', 'new'];

async function draw(host: HTMLElement): Promise<void> {
  const answer = await fetch(host.dataset.source ?? '', { headers: { Accept: 'application/json' } });
  if (!answer.ok) return;
  const compared = (await answer.json()) as Compared;
  const viewers = {} as Record<Side, any>;
  for (const side of SIDES) {
    const container = host.querySelector(`[data-canvas=${side}]`) as HTMLElement;
    viewers[side] = new NavigatedViewer({ container, additionalModules: [{ translate: ['value', translate] }] } as any);
    await viewers[side].importXML(compared[side]);
    viewers[side].get('canvas').zoom('fit-viewport', 'auto');
  }
  compared.changes.forEach((change) => colour(viewers, change));
  together(viewers);
  host.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>('[data-change]');
    const change = button && compared.changes[Number(button.dataset.change)];
    if (change) lead(viewers, change);
  });
  document.body.dataset.compared = 'ready';
}

function colour(viewers: Record<Side, any>, change: Change): void {
  const kind = !change.old.length ? 'added' : !change.new.length ? 'removed' : 'changed';
  for (const side of SIDES) {
    for (const id of change[side]) if (viewers[side].get('elementRegistry').get(id)) viewers[side].get('canvas').addMarker(id, `compare-${kind}`);
  }
}

/** What one canvas shows, the other shows too. */
function together(viewers: Record<Side, any>): void {
  let following = false;
  const follow = (from: Side, to: Side) =>
    viewers[from].on('canvas.viewbox.changed', ({ viewbox }: any) => {
      if (following) return;
      following = true;
      const { x, y, width, height } = viewbox;
      viewers[to].get('canvas').viewbox({ x, y, width, height });
      following = false;
    });
  follow('old', 'new');
  follow('new', 'old');
}

/** Bring a change into the middle of both canvases and mark it for a moment. */
function lead(viewers: Record<Side, any>, change: Change): void {
  for (const side of SIDES) {
    const canvas = viewers[side].get('canvas');
    const found = change[side].filter((id) => viewers[side].get('elementRegistry').get(id));
    if (!found.length) continue;
    canvas.scrollToElement(found[0], 100);
    for (const id of found) {
      canvas.addMarker(id, 'compare-shown');
      window.setTimeout(() => canvas.removeMarker(id, 'compare-shown'), 2500);
    }
  }
}

const host = document.getElementById('compare');
if (host) void draw(host);
