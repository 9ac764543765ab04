import { make } from './controls';

/** What the check found in a part of a draft: counted, each with its remedy, leading to its place. */

export type Found = { code: string; severity: 'error' | 'warning' | 'info'; element_id: string; message: string; remedy: string };
const WORDS = { error: '错误', warning: '提醒', info: '提示' };
const MOST = 200;

export function showFound(host: HTMLElement, counter: HTMLElement, found: Found[], lead: (place: string) => (() => void) | undefined): void {
  const errors = found.filter((one) => one.severity === 'error').length;
  counter.textContent = String(found.length);
  host.dataset.errors = String(errors);
  const summary = errors ? `${errors} 个错误，${found.length - errors} 个提醒。改正全部错误后才能送审。` : found.length ? `没有错误，${found.length} 个提醒。` : '没有问题，可以送审。';
  const items = found.slice(0, MOST).map((one) => {
    const go = one.element_id ? lead(one.element_id) : undefined;
    const said = go ? make('button', { type: 'button', class: 'link-button', 'data-place': one.element_id }, one.message) : make('span', {}, one.message);
    if (go) said.addEventListener('click', go);
    return make('li', { 'data-code': one.code }, make('span', { class: `severity severity-${one.severity}` }, WORDS[one.severity]), ' ', said, make('span', { class: 'problem-source' }, one.remedy));
  });
  const more = found.length > MOST ? [make('p', { class: 'text-secondary' }, `另有 ${found.length - MOST} 个问题没有列出。`)] : [];
  host.replaceChildren(make('p', { class: 'quality-summary', role: 'status' }, summary), make('ul', { class: 'problem-list' }, ...items), ...more);
}

export function sayInstead(host: HTMLElement, sentence: string): void {
  host.replaceChildren(make('p', { class: 'quality-summary', role: 'status' }, sentence));
}

/** A file to keep. */
export function download(content: string, type: string, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
