import { changeHeaders, post } from './request';

type Saved = { version: number; saved_time: string };
type Failure = Error & { status?: number; content?: { problems?: { message: string }[] } };

const SAVE_AFTER = 2500;
const CHECK_AFTER = 700;

/** Keep the draft and the checks beside it up to date while a person types. */
export class Draft {
  private saving: Promise<void> | undefined;
  private dirty = false;
  private timer: number | undefined;
  private checkTimer: number | undefined;
  private asked = 0;

  constructor(private readonly form: HTMLFormElement) {
    form.addEventListener('input', () => this.changed());
    form.addEventListener('change', () => this.changed());
    form.addEventListener('submit', () => {
      window.clearTimeout(this.timer);
      this.dirty = false;
    });
    window.addEventListener('beforeunload', (event) => {
      if (this.dirty) event.preventDefault();
    });
  }

  private changed(): void {
    if (this.form.dataset.draft) {
      this.dirty = true;
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.save(), SAVE_AFTER);
    }
    if (this.form.dataset.check) {
      window.clearTimeout(this.checkTimer);
      this.checkTimer = window.setTimeout(() => void this.check(), CHECK_AFTER);
    }
  }

  private async save(): Promise<void> {
    await this.saving;
    this.dirty = false;
    this.saving = this.send().finally(() => (this.saving = undefined));
  }

  private async send(): Promise<void> {
    const body = this.content();
    this.note('saving');
    try {
      const saved = await post<Saved>(this.form.dataset.draft ?? '', body);
      const version = this.form.elements.namedItem('draft_version') as HTMLInputElement;
      version.value = String(saved.version);
      this.note('saved', saved.saved_time);
    } catch (error) {
      const failure = error as Failure;
      this.dirty = true;
      this.note('failed', failure.content?.problems?.[0]?.message ?? failure.message);
    }
  }

  private async check(): Promise<void> {
    const mine = (this.asked += 1);
    const headers = { ...changeHeaders(), Accept: 'text/html' };
    const response = await fetch(this.form.dataset.check ?? '', { method: 'POST', body: this.content(), headers }).catch(() => undefined);
    const old = document.getElementById('quality');
    if (!response?.ok || mine !== this.asked || !old) return;
    const typing = document.activeElement;
    if (typing && old.contains(typing)) return; // a reason is being written there
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById('quality');
    if (fresh) old.replaceWith(fresh);
  }

  /** The form without its files: they are uploaded by their own button. */
  private content(): FormData {
    const body = new FormData(this.form);
    for (const [name, value] of [...body.entries()]) if (value instanceof File) body.delete(name);
    body.delete('idempotency_key');
    return body;
  }

  private note(state: 'saving' | 'saved' | 'failed', text = ''): void {
    const place = document.getElementById('saved');
    if (!place) return;
    place.dataset.state = state;
    place.textContent = `${place.dataset[state] ?? ''} ${text}`.trim();
  }
}
