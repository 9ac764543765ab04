/* eslint-disable @typescript-eslint/no-explicit-any */
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn.css';
import '../shared/studio/table.css';
// @ts-expect-error the package has no types
import Modeler from 'dmn-js/lib/Modeler';
import { Autosave, type Answer } from '../shared/studio/autosave';
import { download, sayInstead, showFound, type Found } from '../shared/studio/found';
import { make } from '../shared/studio/controls';
import { closedOnce } from '../shared/studio/intervals';
import { translateTable } from '../shared/studio/table_words';
import { TrialPanel, type Question } from '../shared/studio/trial';

/** The editor of a decision table: the table itself, the check while editing, values tried, a draft that keeps itself. */

const CHECK_AFTER = 600;
type Checked = Answer & { problems: Found[]; outline: Question[] };

class TableEditor {
  private modeler: any;
  private saver: Autosave;
  private trial: TrialPanel;
  private timer: number | undefined;
  private asked = 0;

  constructor(private host: HTMLElement) {
    const translate = { additionalModules: [{ translate: ['value', translateTable] }] };
    this.modeler = new Modeler({
      container: '#table-canvas',
      common: { expressionLanguages: { options: [{ value: 'feel', label: 'FEEL' }], defaults: { editor: 'feel' } } },
      drd: translate, decisionTable: translate, literalExpression: translate, boxedExpression: translate,
    });
    this.saver = new Autosave(host, this.part('saved'), 'table', async () => new Blob([await this.xml()]));
    this.trial = new TrialPanel(this.part('try') as HTMLFormElement, this.part('answer'), (decision, inputs) => this.saver.send(host.dataset.try ?? '', { decision, inputs }), (rows) => this.mark(rows));
  }

  async start(): Promise<void> {
    this.modeler.on('viewer.created', ({ viewer }: any) => viewer.on('commandStack.changed', () => this.changed()));
    document.getElementById('table-canvas')?.addEventListener('focusout', () => window.setTimeout(() => this.closeIntervals()));
    this.modeler.on('views.changed', () => this.views());
    this.chinese();
    await this.open(await fetch(this.host.dataset.text ?? '').then((answer) => answer.text()));
    this.buttons();
    await this.check();
    document.body.dataset.studio = 'ready';
  }

  /** What was typed into the cell that is left now; while somebody types, signs come and go. */
  private closeIntervals(): void {
    const active = this.modeler.getActiveView();
    if (active?.type !== 'decisionTable') return;
    const viewer = this.modeler.getActiveViewer();
    for (const row of viewer.get('sheet').getRoot().rows) {
      for (const { businessObject: cell } of row.cells) {
        const meant = closedOnce(cell?.text ?? '');
        if (cell && meant !== (cell.text ?? '')) viewer.get('modeling').editCell(cell, meant);
      }
    }
  }

  /** Titles the editor does not send through its translation. */
  private chinese(): void {
    const canvas = document.getElementById('table-canvas') as HTMLElement;
    const words: Record<string, string> = { 'Move Input': '移动条件列', 'Move Output': '移动结果列', 'Move rule': '移动本行' };
    const put = () => canvas.querySelectorAll<HTMLElement>('[title^="Move "]').forEach((one) => (one.title = words[one.title] ?? one.title));
    new MutationObserver(put).observe(canvas, { childList: true, subtree: true, attributes: true, attributeFilter: ['title'] });
  }

  private part(name: string): HTMLElement {
    return this.host.querySelector(`[data-part=${name}]`) as HTMLElement;
  }

  private async xml(): Promise<string> {
    return (await this.modeler.saveXML({ format: true })).xml as string;
  }

  /** The first table is what people came for; the diagram of decisions is one click away. */
  private async open(xml: string): Promise<void> {
    await this.modeler.importXML(xml);
    const views = this.modeler.getViews();
    const first = views.find((view: any) => view.type === 'decisionTable') ?? views[0];
    if (first) await this.modeler.open(first);
  }

  private views(): void {
    const active = this.modeler.getActiveView();
    const views = this.modeler.getViews();
    const decisions = views.filter((view: any) => view.type !== 'drd');
    const buttons = (decisions.length > 1 || active?.type === 'drd' ? decisions : []).map((view: any) => {
      const title = `${view.name ?? view.element.name ?? view.element.id}${view.type === 'decisionTable' ? '' : '（算式）'}`;
      const pressed = view.element === active?.element;
      const button = make('button', { type: 'button', class: 'btn btn-sm', 'aria-pressed': String(pressed) }, title);
      button.addEventListener('click', () => void this.modeler.open(view));
      return button;
    });
    this.part('views').replaceChildren(...buttons);
    this.trial.choose(active?.element?.id ?? '');
    this.undoable();
  }

  private stack(): any {
    return this.modeler.getActiveViewer()?.get('commandStack', false);
  }

  private undoable(): void {
    for (const [name, possible] of [['undo', this.stack()?.canUndo()], ['redo', this.stack()?.canRedo()]] as const) {
      const button = this.host.querySelector<HTMLButtonElement>(`[data-act=${name}]`);
      if (button) button.disabled = !possible;
    }
  }

  private buttons(): void {
    const file = this.host.querySelector<HTMLInputElement>('input[type=file]');
    const acts: Record<string, () => void> = {
      undo: () => this.stack()?.undo(),
      redo: () => this.stack()?.redo(),
      import: () => file?.click(),
      export: () => void this.xml().then((xml) => download(xml, 'application/xml', this.host.dataset.name ?? 'table.dmn')),
    };
    this.host.querySelectorAll<HTMLElement>('[data-act]').forEach((button) => button.addEventListener('click', () => acts[button.dataset.act ?? '']?.()));
    file?.addEventListener('change', () => void this.take(file));
  }

  private changed(): void {
    this.asked += 1; // an answer still on its way speaks of an earlier table
    document.body.dataset.checked = '';
    this.undoable();
    this.mark([]);
    this.saver.changed();
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.check(), CHECK_AFTER);
  }

  private async check(): Promise<void> {
    const mine = (this.asked += 1);
    try {
      const answer = await this.saver.send<Checked>(this.host.dataset.check ?? '');
      if (mine !== this.asked) return;
      showFound(this.part('problems'), this.part('count'), answer.problems, (place) => this.lead(place));
      this.flag(answer.problems);
      this.trial.show(answer.outline);
      this.trial.choose(this.modeler.getActiveView()?.element?.id ?? '');
      document.body.dataset.checked = 'true';
    } catch (error) {
      if (mine === this.asked) sayInstead(this.part('problems'), `检查没有完成：${(error as Error).message}`);
    }
  }

  /** A row or a cell of the table that is open, or the first cell of a row of another one. */
  private lead(place: string): (() => void) | undefined {
    const view = this.modeler.getViews().find((one: any) => one.element.id === place || holds(one.element, place));
    if (!view) return undefined;
    return () => {
      const open = view.element === this.modeler.getActiveView()?.element ? Promise.resolve() : this.modeler.open(view);
      void open.then(() => {
        const cell = this.cells(place)[0];
        cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        (this.cells(place).find((one) => one.classList.contains('cell'))?.querySelector<HTMLElement>('[contenteditable]') ?? cell)?.focus();
      });
    };
  }

  /** Ids of the cells of a row, or the id itself. */
  private ids(place: string): string[] {
    const rule = rulesOf(this.modeler.getActiveView()?.element).find((one) => one.id === place);
    return rule ? [place, ...[...(rule.inputEntry ?? []), ...(rule.outputEntry ?? [])].map((entry: any) => entry.id as string)] : [place];
  }

  private cells(place: string): HTMLElement[] {
    return this.ids(place).flatMap((id) => [...document.querySelectorAll<HTMLElement>(`#table-canvas [data-element-id="${CSS.escape(id)}"]`)]);
  }

  /** Marks are rules of a style sheet, for the table draws its cells anew whenever somebody enters one. */
  private flag(found: Found[]): void {
    const ids = (wrong: boolean) => found.filter((one) => one.element_id && (one.severity === 'error') === wrong).flatMap((one) => this.ids(one.element_id));
    this.style('warning', ids(false), '#fff7e0');
    this.style('error', ids(true), '#fdecea');
  }

  /** Rows that matched the values tried. */
  private mark(rows: number[]): void {
    const rules = rulesOf(this.modeler.getActiveView()?.element);
    this.style('matched', rows.flatMap((row) => (rules[row - 1] ? this.ids(rules[row - 1].id) : [])), '#e2f3e5');
  }

  private style(kind: string, ids: string[], colour: string): void {
    const id = `table-${kind}`;
    const sheet = document.getElementById(id) ?? document.head.appendChild(make('style', { id }));
    const cells = ids.map((one) => `#table-canvas .tjs-table td[data-element-id="${CSS.escape(one)}"]`);
    sheet.textContent = cells.length ? `${cells.join(',')} { background-color: ${colour}; ${kind === 'error' ? 'box-shadow: inset 0 0 0 1px var(--danger);' : ''} }` : '';
  }

  /** A file of any tool: the server says what is foreign and gives back what may stay. */
  private async take(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    input.value = '';
    if (!file) return;
    const place = this.part('imported');
    try {
      const answer = await this.saver.send<Answer & { xml: string; problems: Found[] }>(this.host.dataset.read ?? '', { table: file });
      await this.open(answer.xml);
      this.changed();
      const left = answer.problems.filter((problem) => problem.code === 'xml.foreign');
      this.told(place, `已导入“${file.name}”${left.length ? `，有 ${left.length} 处其他软件的扩展没有保留：` : '，没有需要去掉的内容。'}`, left.map((one) => one.message));
    } catch (error) {
      this.told(place, `“${file.name}”不能导入：${(error as Error).message}`, []);
    }
  }

  private told(place: HTMLElement, title: string, lines: string[]): void {
    const close = make('button', { type: 'button', class: 'btn btn-sm' }, '知道了');
    close.addEventListener('click', () => (place.hidden = true));
    place.replaceChildren(make('strong', {}, title), make('ul', {}, ...lines.map((line) => make('li', {}, line))), close);
    place.hidden = false;
  }
}

function rulesOf(element: any): any[] {
  return element?.decisionLogic?.rule ?? [];
}

function holds(element: any, place: string): boolean {
  const logic = element?.decisionLogic;
  const entries = rulesOf(element).flatMap((rule) => [rule, ...(rule.inputEntry ?? []), ...(rule.outputEntry ?? [])]);
  return [logic, ...(logic?.input ?? []), ...(logic?.output ?? []), ...entries].some((one) => one?.id === place);
}

const host = document.getElementById('table-editor');
if (host) void new TableEditor(host).start();
