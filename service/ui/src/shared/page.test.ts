import { beforeEach, describe, expect, it } from 'vitest';
import { show } from './counts';
import { place } from './jump';
import { pathOf } from './questions';
import { startTabs } from './tabs';

const element = (selector: string) => document.querySelector<HTMLElement>(selector) as HTMLElement;

describe('a place of the form', () => {
  beforeEach(() => {
    document.body.innerHTML = `
      <div id="main-form"><table><tr><td data-field="annual_goal">…</td></tr></table>
      <div class="form-rows" id="indicators"><table><tbody>
        <tr data-row="0"><td class="row-number">1</td><td data-column="weight"><input name="indicators-0-weight"></td></tr>
        <tr data-row="1"><td class="row-number">2</td><td data-column="weight">20</td></tr>
      </tbody></table></div></div>`;
  });

  it('is the input where the form is edited', () => expect(place('indicators[0].weight')).toBe(element('input')));
  it('is the cell where it is read', () => expect(place('indicators[1].weight')?.textContent).toBe('20'));
  it('is the row without a column', () => expect(place('indicators[1]')).toBe(element('[data-row="1"]')));
  it('is the field outside tables', () => expect(place('annual_goal')).toBe(element('[data-field]')));
  it('is the form for what is not shown', () => expect(place('nothing')).toBe(element('#main-form')));
  it('is named by its cell', () => {
    expect(pathOf(element('[data-row="1"] [data-column]'))).toBe('indicators[1].weight');
    expect(pathOf(element('[data-row="1"] .row-number'))).toBe('indicators[1]');
    expect(pathOf(element('[data-field]'))).toBe('annual_goal');
  });
});

describe('counts', () => {
  it('hide a badge of nothing and keep a tab’s zero', () => {
    document.body.innerHTML = '<i class="count-badge" data-count="todo"></i><b data-count="done">3</b>';
    show({ todo: 0, done: 0 });
    expect(element('i').hidden).toBe(true);
    expect(element('b').hidden).toBe(false);
    expect(element('b').textContent).toBe('0');
  });
});

describe('tabs', () => {
  it('show the marked one first and one at a time', () => {
    document.body.innerHTML = `<div data-tabs><div class="tab-list"><a href="#one">1</a><a href="#two" data-first>2</a></div>
      <section class="tab-panel" id="one"></section><section class="tab-panel" id="two"></section></div>`;
    startTabs();
    expect(element('#two').classList.contains('tab-shown')).toBe(true);
    element('a').click();
    expect([...document.querySelectorAll('.tab-shown')].map((panel) => panel.id)).toEqual(['one']);
    expect(element('a').getAttribute('aria-selected')).toBe('true');
  });
});
