import '../shared/replay.css';
import type NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { cells } from '../shared/changed';
import type { Places } from '../shared/viewer';

type Frame = Places & { seq: number; release: string; visits: Record<string, number> };
type Recorded = { diagrams: Record<string, string>; frames: Frame[] };

/** Milliseconds an event stays while playing. */
const PACE = 1500;
const root = document.getElementById('replay');
let recorded: Recorded | undefined;
let viewer: NavigatedViewer | undefined;
let drawn = '';
let playing = 0;
let speed = 1;

const panes = () => document.getElementById('replay-panes')!;
const seq = () => Number(panes().dataset.event);

/** Draw the frame of the event shown; the diagram is imported anew only when the version changes. */
async function frame(): Promise<void> {
  const host = document.getElementById('replay-diagram');
  const wanted = recorded?.frames[seq() - 1];
  if (!host || !recorded || !wanted) return;
  const { draw, mark } = await import('../shared/viewer');
  if (!viewer || drawn !== wanted.release || !host.firstChild) {
    viewer?.destroy();
    viewer = await draw(host, recorded.diagrams[wanted.release] ?? '');
    drawn = wanted.release;
    viewer.get<any>('canvas').zoom('fit-viewport', 'auto');
  }
  mark(viewer, host, wanted);
  for (const [node, count] of Object.entries(wanted.visits)) {
    if (count < 2 || !viewer.get<any>('elementRegistry').get(node)) continue;
    const badge = document.createElement('div');
    badge.className = 'heat-figure';
    badge.textContent = `${count}×`;
    viewer.get<any>('overlays').add(node, { position: { top: -9, right: 9 }, html: badge });
  }
}

function highlight(): void {
  const form = document.getElementById('replay-form');
  const paths = JSON.parse(panes().dataset.changed || '[]') as string[];
  if (form) cells(form, paths).forEach((cell) => cell.classList.add('replay-changed'));
}

/** Show another event: the panes come from the server, the diagram stays where it is. */
async function step(address: string): Promise<void> {
  const response = await fetch(address, { headers: { Accept: 'text/html' } });
  if (!response.ok) return location.assign(address);
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const next = page.getElementById('replay-panes');
  if (!next) return location.assign(address);
  const kept = document.getElementById('replay-diagram');
  const place = next.querySelector('#replay-diagram');
  if (kept && place) place.replaceWith(kept);
  panes().replaceWith(next);
  history.replaceState(null, '', address);
  label();
  highlight();
  await frame();
}

function label(): void {
  const button = panes().querySelector<HTMLElement>('[data-play-button]');
  if (button && root) button.textContent = playing ? `❚❚ ${root.dataset.pause}` : `▶ ${root.dataset.play}`;
  const chosen = panes().querySelector<HTMLSelectElement>('[data-speed]');
  if (chosen) chosen.value = String(speed);
}

function stop(): void {
  clearInterval(playing);
  playing = 0;
  label();
}

function address(event: number): string {
  const fields = new URLSearchParams(location.search).get('fields');
  return `${root?.dataset.page}?event=${event}${fields ? `&fields=${fields}` : ''}`;
}

function play(): void {
  if (playing) return stop();
  const last = Number(panes().dataset.last);
  let busy = false;
  playing = window.setInterval(() => {
    if (busy) return;
    if (seq() >= last) return stop();
    busy = true;
    void step(address(seq() + 1)).finally(() => (busy = false));
  }, PACE / speed);
  label();
  if (seq() >= last) void step(address(1));
}

async function start(host: HTMLElement): Promise<void> {
  highlight();
  host.addEventListener('click', (event) => {
    const target = event.target as HTMLElement;
    const link = target.closest<HTMLAnchorElement>('a[data-step]');
    if (target.closest('[data-play-button]')) play();
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    stop();
    void step(link.href);
  });
  host.addEventListener('change', (event) => {
    const target = event.target as HTMLInputElement | HTMLSelectElement;
    if (target.matches('[data-seek]')) {
      stop();
      void step(address(Number(target.value)));
    } else if (target.matches('[data-speed]')) {
      speed = Number(target.value);
      if (playing) {
        stop();
        play();
      }
    }
  });
  document.addEventListener('keydown', (event) => {
    if ((event.target as HTMLElement).closest('input,textarea,select,button,a')) return;
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const wanted = seq() + (move ?? 0);
    if (move && wanted >= 1 && wanted <= Number(panes().dataset.last)) void step(address(wanted));
    else if (event.key === ' ') play();
    else return;
    event.preventDefault();
  });
  const response = await fetch(host.dataset.frames ?? '', { headers: { Accept: 'application/json' } });
  if (!response.ok) return;
  recorded = (await response.json()) as Recorded;
  await frame();
}

if (root) void start(root);
