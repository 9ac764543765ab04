/* eslint-disable @typescript-eslint/no-explicit-any */
import { make } from './controls';

export type Problem = { code: string; severity: 'error' | 'warning' | 'info'; element_id: string; message: string; remedy: string };

const WORDS = { error: '错误', warning: '提醒', info: '提示' };
const MOST = 200;

/** What the check found: counted, marked on the canvas, each a button that leads to its element. */
export class Problems {
  private marked: [string, string][] = [];

  constructor(private host: HTMLElement, private counter: HTMLElement, private modeler: any) {}

  show(problems: Problem[]): void {
    const errors = problems.filter((problem) => problem.severity === 'error').length;
    this.counter.textContent = problems.length ? String(problems.length) : '0';
    this.host.dataset.errors = String(errors);
    const summary = errors ? `${errors} 个错误，${problems.length - errors} 个提醒。改正全部错误后才能送审。` : problems.length ? `没有错误，${problems.length} 个提醒。` : '没有问题，可以送审。';
    const items = problems.slice(0, MOST).map((problem) => this.item(problem));
    const more = problems.length > MOST ? [make('p', { class: 'text-secondary' }, `另有 ${problems.length - MOST} 个问题没有列出。`)] : [];
    this.host.replaceChildren(make('p', { class: 'quality-summary', role: 'status' }, summary), make('ul', { class: 'problem-list' }, ...items), ...more);
    this.mark(problems);
  }

  say(sentence: string): void {
    this.host.replaceChildren(make('p', { class: 'quality-summary', role: 'status' }, sentence));
  }

  private item(problem: Problem): HTMLElement {
    const badge = make('span', { class: `severity severity-${problem.severity}` }, WORDS[problem.severity]);
    const place = this.modeler.get('elementRegistry').get(problem.element_id);
    const said = place ? make('button', { type: 'button', class: 'link-button', 'data-element': problem.element_id }, problem.message) : make('span', {}, problem.message);
    if (place) said.addEventListener('click', () => this.jump(place));
    return make('li', { 'data-code': problem.code }, badge, ' ', said, make('span', { class: 'problem-source' }, problem.remedy));
  }

  private jump(place: any): void {
    this.modeler.get('selection').select(place);
    this.modeler.get('canvas').scrollToElement(place, 80);
  }

  private mark(problems: Problem[]): void {
    const canvas = this.modeler.get('canvas');
    const registry = this.modeler.get('elementRegistry');
    for (const [id, marker] of this.marked) if (registry.get(id)) canvas.removeMarker(id, marker);
    this.marked = problems.filter((problem) => registry.get(problem.element_id)).map((problem) => [problem.element_id, `studio-${problem.severity}`]);
    for (const [id, marker] of this.marked) canvas.addMarker(id, marker);
  }
}
