import { describe, expect, it } from 'vitest';
import { same, sum } from './decimals';

describe('sum', () => {
  it('adds tenths exactly', () => expect(sum(['0.1', '0.2'])).toBe('0.3'));
  it('keeps the longest places', () => expect(sum(['12.50', '7.5'])).toBe('20.00'));
  it('leaves out what is no number yet', () => expect(sum(['10', '', '≥', '5'])).toBe('15'));
  it('reads thousands separators', () => expect(sum(['1,200.5', '0.5'])).toBe('1201.0'));
  it('handles negatives and amounts past 2^53', () => expect(sum(['-0.01', '99999999999999999.99'])).toBe('99999999999999999.98'));
  it('is 0 for nothing', () => expect(sum([])).toBe('0'));
});

describe('same', () => {
  it('compares numbers, not texts', () => expect(same('100.0', '100')).toBe(true));
  it('tells near numbers apart', () => expect(same('99.99', '100')).toBe(false));
});
