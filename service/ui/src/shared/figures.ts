export type Figures = { names: string[]; series: { name: string; values: number[] }[] };

/** Rows beyond these are told by the table alone. */
const MOST = 30;
const ROW = 26;

/** What a table says: the names of its rows, and each column marked `data-series` with its numbers. */
export function figures(table: HTMLTableElement): Figures {
  const heads = [...table.querySelectorAll<HTMLElement>('thead tr:first-child > *')];
  const rows = [...table.querySelectorAll<HTMLElement>('tbody tr')].slice(0, MOST);
  const names = rows.map((row) => row.dataset.name ?? row.children[0]?.textContent?.trim() ?? '');
  const series = heads.flatMap((head, place) => {
    if (head.dataset.series === undefined) return [];
    return [{ name: head.textContent?.trim() ?? '', values: rows.map((row) => number(row.children[place])) }];
  });
  return { names, series };
}

/** How high a chart of so many rows is, in pixels. */
export function height(rows: number): number {
  return 60 + ROW * Math.min(rows, MOST);
}

function number(cell: Element | undefined): number {
  const text = (cell?.textContent ?? '').replace(/[,%\s]/g, '');
  return Number.parseFloat(text) || 0;
}
