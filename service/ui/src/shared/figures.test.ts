import { describe, expect, it } from 'vitest';
import { figures, height } from './figures';

function table(html: string): HTMLTableElement {
  document.body.innerHTML = `<table>${html}</table>`;
  return document.querySelector('table') as HTMLTableElement;
}

describe('the figures of a table', () => {
  it('are its marked columns, row by row', () => {
    const read = figures(
      table(
        '<thead><tr><th>单位</th><th data-series>填报中</th><th>代码</th><th data-series>已办结</th></tr></thead>' +
          '<tbody><tr data-name="区民政局"><th>区民政局 109001</th><td>1,234</td><td>9</td><td>5</td></tr>' +
          '<tr><th>区教体局</th><td>—</td><td>7</td><td>12.50%</td></tr></tbody>',
      ),
    );
    expect(read.names).toEqual(['区民政局', '区教体局']);
    expect(read.series).toEqual([
      { name: '填报中', values: [1234, 0] },
      { name: '已办结', values: [5, 12.5] },
    ]);
  });

  it('are none in an empty table, and a long one is cut for the chart alone', () => {
    expect(figures(table('')).names).toEqual([]);
    const rows = Array.from({ length: 50 }, (_, n) => `<tr><th>${n}</th></tr>`).join('');
    expect(figures(table(`<tbody>${rows}</tbody>`)).names).toHaveLength(30);
    expect(height(50)).toBe(height(30));
  });
});
