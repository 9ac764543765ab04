import { beforeEach, describe, expect, it, vi } from 'vitest';
import { move } from './columns';
import { startKeys, step } from './keys';
import { nextOrder } from './sorting';

const press = (key: string) => document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));

describe('the order after a click', () => {
  it('is the heading alone', () => expect(nextOrder('due', 'amount', false)).toBe('amount'));
  it('is turned round by a second click', () => expect(nextOrder('amount', 'amount', false)).toBe('-amount'));
  it('grows with Shift', () => expect(nextOrder('-amount', 'title', true)).toBe('-amount,title'));
  it('turns a key round in its place', () => expect(nextOrder('amount,title', 'amount', true)).toBe('-amount,title'));
  it('holds three keys', () => expect(nextOrder('a,b,c', 'd', true)).toBe('b,c,d'));
});

describe('columns', () => {
  it('never stand before the project', () => {
    document.body.innerHTML = '<ul><li id="p"></li><li id="a"><button data-up></button></li><li id="b"><button data-up></button></li></ul>';
    const order = () => [...document.querySelectorAll('li')].map((line) => line.id).join('');
    move(document.querySelector('#b button') as HTMLElement);
    expect(order()).toBe('pba');
    move(document.querySelector('#b button') as HTMLElement);
    expect(order()).toBe('pba');
  });
});

describe('keys', () => {
  startKeys();
  beforeEach(() => {
    document.body.innerHTML = `<main><input type="search"><table class="list-table"><tbody>
      <tr><td class="title"><a href="#1">1</a></td></tr><tr><td class="title"><a href="#2">2</a></td></tr></tbody></table>
      <form><div class="action-bar"><button type="button" value="approve">A</button></div></form></main>`;
    (document.activeElement as HTMLElement | null)?.blur();
  });

  it('walk the list and stop at its ends', () => {
    step(1);
    expect(document.activeElement?.textContent).toBe('1');
    press('j');
    press('j');
    expect(document.activeElement?.textContent).toBe('2');
    press('k');
    expect(document.activeElement?.textContent).toBe('1');
  });

  it('find the search, and are letters inside a field', () => {
    press('/');
    const search = document.querySelector('input') as HTMLInputElement;
    expect(document.activeElement).toBe(search);
    press('j');
    expect(document.activeElement).toBe(search);
  });

  it('never approve where no sheet asks first', () => {
    const clicked = vi.fn();
    document.querySelector('button')?.addEventListener('click', clicked);
    press('a');
    expect(clicked).not.toHaveBeenCalled();
    document.querySelector('form')!.dataset.confirms = 'yes';
    press('a');
    expect(clicked).toHaveBeenCalledOnce();
  });
});
