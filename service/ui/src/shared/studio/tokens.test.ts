import { expect, test } from 'vitest';
import { along, waves } from './tokens';

test('branches of a fork run together, what follows waits for them', () => {
  expect(waves([['a', 'fork'], ['fork', 'b'], ['fork', 'c'], ['c', 'd']])).toEqual([[['a', 'fork']], [['fork', 'b'], ['fork', 'c']], [['c', 'd']]]);
  expect(waves([])).toEqual([]);
});

test('a token stands on the line at every share of its way', () => {
  const line = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 30 }];
  expect(along(line, 0)).toEqual({ x: 0, y: 0 });
  expect(along(line, 0.5)).toEqual({ x: 10, y: 10 });
  expect(along(line, 1)).toEqual({ x: 10, y: 30 });
  expect(along([{ x: 1, y: 1 }, { x: 1, y: 1 }], 0.5)).toEqual({ x: 1, y: 1 });
});
