import { expect, test } from 'vitest';
import { closedOnce } from './intervals';

test.each([
  ['[0.70..0.80)]', '[0.70..0.80)'],
  ['[0.70..0.80[]', '[0.70..0.80['],
  [']0.70..0.80[]', ']0.70..0.80['],
  ['< 0.6, [0.70..0.80)]', '< 0.6, [0.70..0.80)'],
])('what closes itself too often is put right: %s', (typed, meant) => expect(closedOnce(typed)).toBe(meant));

test.each(['[0.70..0.80]', '(0.70..0.80)', '[date("2026-01-01")..date("2026-02-01")]', 'not([1..2], [3..4])', '[]', '"[x)]"', '[1..2),[3..4]', ''])('whatever is right stays: %s', (text) => expect(closedOnce(text)).toBe(text));
