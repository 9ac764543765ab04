/* eslint-disable @typescript-eslint/no-explicit-any */
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import Modeler from 'bpmn-js/lib/Modeler';
import minimap from 'diagram-js-minimap';
import { changeHeaders } from '../shared/request';
import { Panel } from '../shared/studio/panel';
import { Problems, type Problem } from '../shared/studio/problems';
import { tools } from '../shared/studio/tools';
import { translate, type Words } from '../shared/studio/words';

/** The editor of a process: drawing, properties, check while drawing, a draft that keeps itself. */

const CHECK_AFTER = 600;
const SAVE_AFTER = 2000;
type Answer = { problems: Problem[]; version?: number; saved_time?: string; xml?: string; detail?: string };

class Studio {
  private modeler: any;
  private problems!: Problems;
  private checkTimer: number | undefined;
  private saveTimer: number | undefined;
  private dirty = false;
  private asked = 0;
  private saving: Promise<void> = Promise.resolve();

  constructor(private host: HTMLElement) {}

  async start(): Promise<void> {
    const [words, xml] = await Promise.all([
      fetch(this.host.dataset.words ?? '').then((answer) => answer.json() as Promise<Words>),
      fetch(this.host.dataset.diagram ?? '').then((answer) => answer.text()),
    ]);
    const modeler: any = new Modeler({
      container: '#studio-canvas',
      additionalModules: [minimap, tools, { translate: ['value', translate] }],
      moddleExtensions: { jh: words.descriptor },
    } as any);
    this.modeler = modeler;
    new Panel(this.part('panel'), modeler, words);
    this.problems = new Problems(this.part('problems'), this.part('count'), modeler);
    await modeler.importXML(xml);
    this.begin();
    modeler.on('commandStack.changed', () => this.changed());
    this.buttons();
    modeler.get('minimap').open();
    this.undoable();
    await this.check();
    document.body.dataset.studio = 'ready';
  }

  private part(name: string): HTMLElement {
    return this.host.querySelector(`[data-part=${name}]`) as HTMLElement;
  }

  private buttons(): void {
    const acts: Record<string, () => void> = {
      undo: () => this.modeler.get('commandStack').undo(),
      redo: () => this.modeler.get('commandStack').redo(),
      in: () => this.modeler.get('zoomScroll').stepZoom(1),
      out: () => this.modeler.get('zoomScroll').stepZoom(-1),
      fit: () => this.fit(),
      minimap: () => this.modeler.get('minimap').toggle(),
      export: () => void this.export(),
      import: () => this.host.querySelector<HTMLInputElement>('input[type=file]')?.click(),
    };
    this.host.querySelectorAll<HTMLElement>('[data-studio]').forEach((button) => button.addEventListener('click', () => acts[button.dataset.studio ?? '']?.()));
    this.host.querySelector<HTMLInputElement>('input[type=file]')?.addEventListener('change', (event) => void this.take(event.target as HTMLInputElement));
    window.addEventListener('beforeunload', (event) => {
      if (this.dirty) event.preventDefault();
    });
    // Leaving for the next page of the change must not lose the last stroke.
    document.querySelectorAll<HTMLAnchorElement>('a[data-after-save]').forEach((link) =>
      link.addEventListener('click', (event) => {
        if (!this.dirty) return;
        event.preventDefault();
        void this.save().then(() => this.dirty || window.location.assign(link.href));
      }),
    );
  }

  private fit(): void {
    const canvas = this.modeler.get('canvas');
    canvas.resized();
    canvas.zoom('fit-viewport', 'auto');
  }

  /** Names must be readable at first; the minimap leads to the rest. */
  private begin(): void {
    this.fit();
    const canvas = this.modeler.get('canvas');
    if (canvas.zoom() > 0.75) return;
    const { inner, outer } = canvas.viewbox();
    const palette = 140;
    canvas.viewbox({ x: inner.x - palette, y: inner.y - 20, width: outer.width / 0.8, height: outer.height / 0.8 });
  }

  private undoable(): void {
    const stack = this.modeler.get('commandStack');
    for (const [name, possible] of [['undo', stack.canUndo()], ['redo', stack.canRedo()]] as const) {
      const button = this.host.querySelector<HTMLButtonElement>(`[data-studio=${name}]`);
      if (button) button.disabled = !possible;
    }
  }

  private changed(): void {
    this.dirty = true;
    this.asked += 1; // an answer still on its way speaks of an earlier drawing
    this.undoable();
    document.body.dataset.checked = '';
    this.note('changed', '有修改尚未保存');
    window.clearTimeout(this.checkTimer);
    window.clearTimeout(this.saveTimer);
    this.checkTimer = window.setTimeout(() => void this.check(), CHECK_AFTER);
    this.saveTimer = window.setTimeout(() => void this.save(), SAVE_AFTER);
  }

  private async xml(): Promise<string> {
    return (await this.modeler.saveXML({ format: true })).xml as string;
  }

  private async send(address: string, content: Blob, name: string): Promise<Answer> {
    const body = new FormData();
    body.append('diagram', content, name);
    if (this.host.dataset.version) body.append('version', this.host.dataset.version);
    const response = await fetch(address, { method: 'POST', body, headers: changeHeaders() });
    const answer = (await response.json().catch(() => ({}))) as Answer;
    if (!response.ok) throw new Error(answer.detail ?? response.statusText);
    return answer;
  }

  private async check(): Promise<void> {
    const mine = (this.asked += 1);
    try {
      const answer = await this.send(this.host.dataset.check ?? '', new Blob([await this.xml()]), 'draft.bpmn');
      if (mine !== this.asked) return;
      this.problems.show(answer.problems);
      document.body.dataset.checked = 'true';
    } catch (error) {
      if (mine === this.asked) this.problems.say(`检查没有完成：${(error as Error).message}`);
    }
  }

  private async save(): Promise<void> {
    await this.saving;
    this.saving = this.store();
    return this.saving;
  }

  private async store(): Promise<void> {
    window.clearTimeout(this.saveTimer);
    this.dirty = false;
    this.note('saving', '正在保存…');
    try {
      const answer = await this.send(this.host.dataset.save ?? '', new Blob([await this.xml()]), 'draft.bpmn');
      this.host.dataset.version = String(answer.version ?? '');
      if (!this.dirty) this.note('saved', `草稿已保存 ${answer.saved_time ?? ''}`);
    } catch (error) {
      this.dirty = true;
      this.note('failed', `未能保存：${(error as Error).message}`);
    }
  }

  private note(state: 'changed' | 'saving' | 'saved' | 'failed', text: string): void {
    const place = this.part('saved');
    place.dataset.state = state;
    place.textContent = text;
  }

  /** A file of any tool: the server says what is foreign and gives back what may stay. */
  private async take(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    input.value = '';
    if (!file) return;
    const place = this.part('imported');
    try {
      const answer = await this.send(this.host.dataset.import ?? '', file, file.name);
      if (answer.xml) {
        await this.modeler.importXML(answer.xml);
        this.begin();
        this.changed();
      }
      const left = answer.problems.filter((problem) => problem.code === 'xml.foreign');
      const title = answer.xml ? `已导入“${file.name}”${left.length ? `，有 ${left.length} 处其他软件的扩展没有保留：` : '，没有需要去掉的内容。'}` : `“${file.name}”不能导入：`;
      this.imported(place, title, answer.xml ? left : answer.problems, Boolean(answer.xml));
    } catch (error) {
      this.imported(place, `“${file.name}”不能导入：${(error as Error).message}`, [], false);
    }
  }

  private imported(place: HTMLElement, title: string, problems: Problem[], kept: boolean): void {
    const list = document.createElement('ul');
    for (const problem of problems) list.append(Object.assign(document.createElement('li'), { textContent: kept ? problem.message : `${problem.message}${problem.remedy}` }));
    const close = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-sm', textContent: '知道了' });
    close.addEventListener('click', () => (place.hidden = true));
    place.replaceChildren(Object.assign(document.createElement('strong'), { textContent: title }), list, close);
    place.hidden = false;
  }

  private async export(): Promise<void> {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([await this.xml()], { type: 'application/xml' }));
    link.download = `${this.host.dataset.process ?? 'process'}.bpmn`;
    link.click();
    URL.revokeObjectURL(link.href);
  }
}

const host = document.getElementById('studio');
if (host) void new Studio(host).start();
