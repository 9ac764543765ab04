import { changeHeaders } from '../request';

/** A part of a draft that keeps itself: saved some seconds after the last change, before leaving, one save at a time. */

const SAVE_AFTER = 2000;
export type Answer = { version?: number; saved_time?: string; detail?: string };

export class Autosave {
  dirty = false;
  private timer: number | undefined;
  private running: Promise<void> = Promise.resolve();

  /** `content` gives what is to be saved, under the name of its field. */
  constructor(private host: HTMLElement, private place: HTMLElement, private field: string, private content: () => Promise<Blob>) {
    window.addEventListener('beforeunload', (event) => {
      if (this.dirty) event.preventDefault();
    });
    document.querySelectorAll<HTMLAnchorElement>('a[data-after-save]').forEach((link) =>
      link.addEventListener('click', (event) => {
        if (!this.dirty) return;
        event.preventDefault();
        void this.save().then(() => this.dirty || window.location.assign(link.href));
      }),
    );
  }

  changed(): void {
    this.dirty = true;
    this.note('changed', '有修改尚未保存');
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), SAVE_AFTER);
  }

  async send<Result extends Answer>(address: string, more: Record<string, Blob | string> = {}): Promise<Result> {
    const body = new FormData();
    body.append(this.field, await this.content(), this.field);
    body.append('version', this.host.dataset.version ?? '');
    for (const [name, value] of Object.entries(more)) body.set(name, value);
    const response = await fetch(address, { method: 'POST', body, headers: changeHeaders() });
    const answer = (await response.json().catch(() => ({}))) as Result;
    if (!response.ok) throw new Error(answer.detail ?? response.statusText);
    return answer;
  }

  async save(): Promise<void> {
    await this.running;
    this.running = this.store();
    return this.running;
  }

  private async store(): Promise<void> {
    window.clearTimeout(this.timer);
    if (!this.dirty) return;
    this.dirty = false;
    this.note('saving', '正在保存…');
    try {
      const answer = await this.send<Answer>(this.host.dataset.save ?? '');
      this.host.dataset.version = String(answer.version ?? '');
      if (!this.dirty) this.note('saved', `草稿已保存 ${answer.saved_time ?? ''}`);
    } catch (error) {
      this.dirty = true;
      this.note('failed', `未能保存：${(error as Error).message}`);
    }
  }

  private note(state: 'changed' | 'saving' | 'saved' | 'failed', text: string): void {
    this.place.dataset.state = state;
    this.place.textContent = text;
  }
}
