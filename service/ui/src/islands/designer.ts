import '../shared/designer/designer.css';
import { fieldPanel, type Context } from '../shared/designer/field_panel';
import { placeOf, type Definition, type Place, type Step } from '../shared/designer/model';
import { blockPanel, headPanel, permissionPanel, rulePanel } from '../shared/designer/other_panels';
import { drawTree, type Chooser } from '../shared/designer/tree';
import { changeHeaders } from '../shared/request';
import { Autosave, type Answer } from '../shared/studio/autosave';
import { download, sayInstead, showFound, type Found } from '../shared/studio/found';

/** The designer of a form: its parts, their properties, the form as each step sees it, the check, a draft that keeps itself. */

const CHECK_AFTER = 800;
const MOST_STEPS_BACK = 100;
type Loaded = { definition: Definition; steps: Step[]; builtin: Record<string, string[]> };

class Designer implements Chooser {
  chosen: Place = { kind: 'head' };
  private context!: Context;
  private saver: Autosave;
  private past: string[] = [];
  private future: string[] = [];
  private now = '';
  private timer: number | undefined;
  private asked = 0;
  private shown = 0;

  constructor(private host: HTMLElement) {
    this.saver = new Autosave(host, this.part('saved'), 'definition', async () => new Blob([this.now], { type: 'application/json' }));
  }

  async start(): Promise<void> {
    const loaded = (await fetch(this.host.dataset.definition ?? '').then((answer) => answer.json())) as Loaded;
    this.context = { ...loaded, changed: (redraw) => this.changed(redraw) };
    this.now = JSON.stringify(loaded.definition);
    this.buttons();
    this.draw();
    await Promise.all([this.check(), this.preview()]);
    document.body.dataset.studio = 'ready';
  }

  choose(place: Place): void {
    this.chosen = place;
    this.draw();
    this.part('panel').scrollTop = 0;
  }

  private part(name: string): HTMLElement {
    return this.host.querySelector(`[data-part=${name}]`) as HTMLElement;
  }

  /** The parts and the chosen one's properties; the focus stays where it was, as far as that place still exists. */
  private draw(): void {
    const [held, where] = focusHeld(this.host);
    drawTree(this.part('tree'), this.context, this);
    const panel = this.part('panel');
    const { chosen, context } = this;
    this.host.classList.toggle('designer-wide', chosen.kind === 'permissions' || chosen.kind === 'block');
    if (chosen.kind === 'field') fieldPanel(panel, { index: chosen.index }, context);
    else if (chosen.kind === 'column') fieldPanel(panel, { index: chosen.index, column: chosen.column }, context);
    else if (chosen.kind === 'rule') rulePanel(panel, chosen.index, context);
    else if (chosen.kind === 'block') blockPanel(panel, chosen.index, context);
    else if (chosen.kind === 'permissions') permissionPanel(panel, context);
    else headPanel(panel, context);
    if (held) refocus(this.host, where);
    for (const [name, list] of [['undo', this.past], ['redo', this.future]] as const) {
      const button = this.host.querySelector<HTMLButtonElement>(`[data-act=${name}]`);
      if (button) button.disabled = !list.length;
    }
  }

  private changed(redraw: boolean): void {
    const next = JSON.stringify(this.context.definition);
    if (next !== this.now) {
      this.past = [...this.past.slice(-MOST_STEPS_BACK), this.now];
      this.future = [];
      this.now = next;
      this.later();
    }
    if (redraw || this.past.length === 1) this.draw();
  }

  private later(): void {
    this.asked += 1; // an answer still on its way speaks of an earlier form
    document.body.dataset.checked = '';
    this.saver.changed();
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void Promise.all([this.check(), this.preview()]), CHECK_AFTER);
  }

  private step(from: string[], to: string[]): void {
    const text = from.pop();
    if (text === undefined) return;
    to.push(this.now);
    this.take(text);
  }

  private take(text: string): void {
    this.now = text;
    this.context.definition = JSON.parse(text) as Definition;
    this.later();
    this.draw();
  }

  private buttons(): void {
    const file = this.host.querySelector<HTMLInputElement>('input[type=file]');
    const acts: Record<string, () => void> = {
      undo: () => this.step(this.past, this.future),
      redo: () => this.step(this.future, this.past),
      import: () => file?.click(),
      export: () => download(`${JSON.stringify(this.context.definition, null, 1)}\n`, 'application/json', `${this.host.dataset.code ?? 'form'}.json`),
      try: () => void this.preview(true),
    };
    this.host.querySelectorAll<HTMLElement>('.studio-bar [data-act], .designer-choice [data-act]').forEach((button) => button.addEventListener('click', () => acts[button.dataset.act ?? '']?.()));
    file?.addEventListener('change', () => void this.import(file));
    for (const name of ['mode', 'node']) this.part(name).addEventListener('change', () => void this.preview());
    this.part('preview').addEventListener('submit', (event) => event.preventDefault());
  }

  private async import(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    input.value = '';
    if (!file) return;
    try {
      const given = JSON.parse(await file.text()) as Definition;
      if (typeof given !== 'object' || given === null || !Array.isArray(given.fields)) throw new Error('不是表单定义');
      if (given.code !== this.context.definition.code) throw new Error(`它是另一张表单（${String(given.code)}）的定义`);
      this.past.push(this.now);
      this.chosen = { kind: 'head' };
      this.take(JSON.stringify(given));
    } catch (error) {
      sayInstead(this.part('problems'), `“${file.name}”不能导入：${error instanceof SyntaxError ? '不是 JSON' : (error as Error).message}。`);
    }
  }

  private async check(): Promise<void> {
    const mine = (this.asked += 1);
    try {
      const answer = await this.saver.send<Answer & { problems: Found[] }>(this.host.dataset.check ?? '');
      if (mine !== this.asked) return;
      showFound(this.part('problems'), this.part('count'), answer.problems, (path) => {
        const place = placeOf(path);
        return place && (() => this.choose(place));
      });
      document.body.dataset.checked = 'true';
    } catch (error) {
      if (mine === this.asked) sayInstead(this.part('problems'), `检查没有完成：${(error as Error).message}`);
    }
  }

  /** The server draws the form by the macros of its pages; what was filled in goes along when it is being tried. */
  private async preview(tried = false): Promise<void> {
    const mine = (this.shown += 1);
    const sheet = this.part('preview') as HTMLFormElement;
    const body = tried ? new FormData(sheet) : new FormData();
    body.append('definition', new Blob([this.now]), 'definition');
    body.append('preview_mode', tried ? 'edit' : (this.part('mode') as HTMLSelectElement).value);
    body.append('preview_node', (this.part('node') as HTMLSelectElement).value);
    if (tried) body.append('preview_try', '1');
    if (tried) (this.part('mode') as HTMLSelectElement).value = 'edit';
    const response = await fetch(this.host.dataset.preview ?? '', { method: 'POST', body, headers: { ...changeHeaders(), Accept: 'text/html' } });
    if (mine !== this.shown || !response.ok) return;
    sheet.innerHTML = await response.text();
    sheet.dataset.shown = String(mine);
  }
}

const CURRENT = 'current';

/** Where the focus is, in words that survive drawing again. */
function focusHeld(host: HTMLElement): [boolean, string] {
  const active = document.activeElement as HTMLElement | null;
  if (!active || !host.contains(active) || active.closest('[data-part=preview]')) return [false, ''];
  return [true, active.matches('[aria-current]') ? CURRENT : nameOf(active)];
}

function nameOf(element: HTMLElement): string {
  const label = (element as HTMLInputElement).labels?.[0]?.textContent ?? '';
  return `${element.tagName}|${element.getAttribute('aria-label') ?? ''}|${label}|${element.dataset.place ?? ''}|${element.tagName === 'BUTTON' && !element.dataset.place ? (element.textContent ?? '') : ''}`;
}

function refocus(host: HTMLElement, name: string): void {
  const found = name !== CURRENT && [...host.querySelectorAll<HTMLElement>('button, input, select, textarea')].find((one) => !one.closest('[data-part=preview]') && nameOf(one) === name);
  (found || host.querySelector<HTMLElement>('[data-part=tree] [aria-current]'))?.focus();
}

const host = document.getElementById('designer');
if (host) void new Designer(host).start();
