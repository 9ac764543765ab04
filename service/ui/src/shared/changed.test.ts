import { expect, test } from 'vitest';
import { cells } from './changed';

test('paths name cells, rows and nothing that is not there', () => {
  document.body.innerHTML =
    '<div id="f"><table><tr><td data-field="goal">a</td></tr></table>' +
    '<div id="rows"><table><tr data-row="0"><td data-column="weight">1</td></tr></table></div></div>';
  const form = document.getElementById('f')!;
  expect(cells(form, ['goal']).map((cell) => cell.textContent)).toEqual(['a']);
  expect(cells(form, ['rows[0].weight']).map((cell) => cell.textContent)).toEqual(['1']);
  expect(cells(form, ['rows[0]']).map((cell) => cell.tagName)).toEqual(['TR']);
  expect(cells(form, ['rows[7].weight', 'nothing', '"]'])).toEqual([]);
});
