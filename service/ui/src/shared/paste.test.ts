import { describe, expect, it } from 'vitest';
import { cells, fillDown, header } from './paste';

const columns = [
  { id: 'level1_code', label: '一级指标' },
  { id: 'level3_name', label: '三级指标' },
  { id: 'target_value', label: '指标值' },
  { id: 'weight', label: '权重' },
];

describe('cells', () => {
  it('splits lines and tabs', () => expect(cells('a\tb\r\nc\td\r\n')).toEqual([['a', 'b'], ['c', 'd']]));
  it('keeps line breaks inside quotes', () => expect(cells('"一\n二"\t3')).toEqual([['一\n二', '3']]));
  it('reads doubled quotes', () => expect(cells('"他说""好"""\tb')).toEqual([['他说"好"', 'b']]));
  it('drops blank lines', () => expect(cells('a\n\n\t\nb')).toEqual([['a'], ['b']]));
});

describe('header', () => {
  it('knows the official names', () => expect(header(['三级指标', '权重'], columns)).toEqual(['level3_name', 'weight']));
  it('knows the names of other districts', () => expect(header(['指标名称', '目标值', '分值（%）'], columns)).toEqual(['level3_name', 'target_value', 'weight']));
  it('takes a data line for data', () => expect(header(['培训人次', '300', '20'], columns)).toBeNull());
});

describe('fillDown', () => {
  it('repeats merged levels only', () =>
    expect(fillDown([['产出', '甲', '1'], ['', '乙', '']], [0])).toEqual([['产出', '甲', '1'], ['产出', '乙', '']]));
});
