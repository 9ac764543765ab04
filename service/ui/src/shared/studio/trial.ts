import { labelled, make, text } from './controls';

/** Values tried on a decision table: what it asks for, which rows match, what comes of it or why nothing does. */

export type Question = { id: string; name: string; inputs: { name: string; label: string; type: string }[] };
export type Matched = { table: string; matched: number[] };
type Trial = {
  status: string; result: unknown; hit_policy: string; problems: string[]; notes: string[];
  tables: Matched[]; detail?: string;
};
export type Ask = (decision: string, inputs: string) => Promise<Trial>;

const NUMBER = /^-?\d+(\.\d+)?$/;
/** Types that say nothing of what is meant. */
const OPEN = new Set(['', 'Any', 'list', 'context']);
const NUMERIC = new Set(['number', 'integer', 'int', 'long', 'double', 'decimal']);

export class TrialPanel {
  private known = '';
  private values: Record<string, string> = {};

  constructor(private form: HTMLFormElement, private answer: HTMLElement, private ask: Ask, private matched: (rows: number[], tables: Matched[]) => void) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.run();
    });
  }

  /** Ask for what the tables ask for now; values already typed stay. */
  show(questions: Question[]): void {
    const now = JSON.stringify(questions);
    if (now === this.known) return;
    this.known = now;
    const chosen = this.form.querySelector('select')?.value;
    const select = make('select', { class: 'form-select form-select-sm', name: 'decision' });
    for (const question of questions) select.add(new Option(question.name, question.id));
    if (chosen && questions.some((question) => question.id === chosen)) select.value = chosen;
    const fields = make('div', {});
    const draw = () => fields.replaceChildren(...(questions.find((question) => question.id === select.value)?.inputs ?? []).map((input) => this.field(input)));
    select.addEventListener('change', draw);
    draw();
    this.form.replaceChildren(labelled('决策', select), fields, make('button', { class: 'btn btn-sm btn-primary' }, '试算'));
  }

  /** Ask the decision whose table is open. */
  choose(decision: string): void {
    const select = this.form.querySelector('select');
    if (!select || select.value === decision || ![...select.options].some((option) => option.value === decision)) return;
    select.value = decision;
    select.dispatchEvent(new Event('change'));
  }

  private field(input: Question['inputs'][number]): HTMLElement {
    const kinds: Record<string, string> = { number: '数字', string: '文字', boolean: '填 true 或 false', date: '如 2027-03-31', Any: '数字、文字，或列表如 ["甲", "乙"]' };
    const named = input.label === input.name ? '' : `（${input.name}）`;
    if (input.type === 'boolean') {
      const select = make('select', { class: 'form-select form-select-sm', 'data-name': input.name, 'data-type': input.type }, new Option('（不填）', ''), new Option('是', 'true'), new Option('否', 'false'));
      select.value = this.values[input.name] ?? '';
      select.addEventListener('change', () => (this.values[input.name] = select.value));
      return labelled(`${input.label}${named}`, select);
    }
    const control = text(this.values[input.name] ?? '', () => undefined, { 'data-name': input.name, 'data-type': input.type });
    control.addEventListener('input', () => (this.values[input.name] = control.value));
    return labelled(`${input.label}${named}`, control, kinds[input.type] ?? '');
  }

  /** Numbers go as they were typed: the server reads them exactly. */
  private inputs(): string {
    const parts: string[] = [];
    for (const control of this.form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[data-name]')) {
      const value = control.value.trim();
      if (value === '') continue;
      const kind = control.dataset.type ?? '';
      const plain = (OPEN.has(kind) && structured(value)) || (kind === 'boolean' && /^(true|false)$/.test(value)) || (NUMBER.test(value) && (NUMERIC.has(kind) || OPEN.has(kind)));
      parts.push(`${JSON.stringify(control.dataset.name)}: ${plain ? value : JSON.stringify(value)}`);
    }
    return `{${parts.join(', ')}}`;
  }

  private async run(): Promise<void> {
    this.answer.replaceChildren(make('p', {}, '正在试算…'));
    try {
      this.told(await this.ask(this.form.querySelector('select')?.value ?? '', this.inputs()));
    } catch (error) {
      this.answer.replaceChildren(make('p', { class: 'try-why' }, `没有算成：${(error as Error).message}`));
    }
  }

  private told(trial: Trial): void {
    const lines: HTMLElement[] = [];
    if (trial.status === 'decided') lines.push(make('p', { class: 'try-result' }, make('strong', {}, '结论：'), shown(trial.result)));
    else lines.push(make('p', { class: 'try-why' }, make('strong', {}, '没有结论')), make('ul', {}, ...trial.problems.map((one) => make('li', {}, one))));
    for (const table of trial.tables) {
      const rows = table.matched.length ? `第${table.matched.join('、')}行相符` : '没有一行相符';
      lines.push(make('p', {}, `${table.table}：${rows}`));
    }
    if (trial.notes.length) lines.push(make('ul', { class: 'form-hint' }, ...trial.notes.map((one) => make('li', {}, one))));
    this.answer.replaceChildren(...lines);
    this.answer.dataset.status = trial.status;
    this.matched(trial.tables.at(-1)?.matched ?? [], trial.tables);
  }
}

function shown(value: unknown): string {
  if (value === null) return '（空值）';
  if (typeof value === 'boolean') return value ? '是' : '否';
  if (Array.isArray(value)) return value.length ? value.map(shown).join('、') : '（没有）';
  if (typeof value === 'object') return Object.entries(value as object).map(([name, one]) => `${name}：${shown(one)}`).join('；');
  return String(value);
}

/** A list or a context as it is written in JSON. */
function structured(value: string): boolean {
  if (!/^[[{]/.test(value)) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
