export type Column = { id: string; label: string };

/** Cells of text copied from a spreadsheet; quoted cells may hold line breaks and doubled quotes. */
export function cells(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  const clean = text.replace(/\r\n?/g, '\n').replace(/\n+$/, '');
  for (let i = 0; i < clean.length; i += 1) {
    const sign = clean[i] ?? '';
    if (quoted && sign === '"' && clean[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (sign === '"' && (quoted || cell === '')) quoted = !quoted;
    else if (!quoted && (sign === '\t' || sign === '\n')) {
      rows.at(-1)?.push(cell.trim());
      cell = '';
      if (sign === '\n') rows.push([]);
    } else cell += sign;
  }
  rows.at(-1)?.push(cell.trim());
  return rows.filter((row) => row.some(Boolean));
}

/** Names people use in their own sheets for our columns. */
const SYNONYMS: Record<string, string[]> = {
  level1_code: ['一级指标', '一级'],
  level2_code: ['二级指标', '二级'],
  level3_name: ['三级指标', '三级', '指标名称', '具体指标'],
  nature: ['指标性质', '性质'],
  operator: ['计算符号', '符号', '运算符'],
  target_value: ['指标值', '目标值', '年度指标值', '年度目标值'],
  measure_unit: ['计量单位', '单位', '度量单位'],
  weight: ['权重', '分值', '指标权重'],
  planned_month: ['计划达成月份', '达成月份'],
  definition: ['指标解释', '解释', '指标说明'],
  value_basis: ['设定依据', '指标值设定依据'],
  evidence_required: ['佐证资料', '证据'],
};

/** The columns a header line names, by position; null if the line is no header (fewer than two names known). */
export function header(line: string[], columns: Column[]): (string | null)[] | null {
  const found = line.map((text) => {
    const name = text.replace(/[（(].*[)）]|[*＊\s]/g, '');
    return columns.find((column) => column.label === name || SYNONYMS[column.id]?.includes(name))?.id ?? null;
  });
  return found.filter(Boolean).length >= 2 ? found : null;
}

/** How a merged cell of a spreadsheet reads: repeat the value above for levels 1 and 2. */
export function fillDown(rows: string[][], positions: number[]): string[][] {
  return rows.map((row, index) => {
    const copy = [...row];
    for (const at of positions) {
      for (let above = index - 1; above >= 0 && !copy[at]; above -= 1) copy[at] = rows[above]?.[at] ?? '';
    }
    return copy;
  });
}
