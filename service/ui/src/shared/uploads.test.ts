import { beforeEach, describe, expect, it, vi } from 'vitest';
import { startUploads } from './uploads';

const settle = () => new Promise((done) => setTimeout(done, 0));

describe('files of a form', () => {
  let form: HTMLFormElement;
  let changes: number;

  beforeEach(() => {
    document.body.innerHTML = `<form data-attachments="/tasks/v/attachments">
      <ul data-files="evidence"><li><input type="hidden" name="evidence" value="old">旧.pdf <button type="button" data-remove-file>×</button></li></ul>
      <div data-files-refused="evidence"></div><input type="file" name="evidence-upload" multiple></form>`;
    form = document.querySelector('form') as HTMLFormElement;
    changes = 0;
    startUploads(form);
    form.addEventListener('change', (event) => (changes += (event.target as HTMLElement).matches('ul') ? 1 : 0));
  });

  function choose(answer: unknown, ok = true): void {
    vi.stubGlobal('fetch', vi.fn(async () => ({ ok, status: ok ? 200 : 403, statusText: 'no', json: async () => answer })));
    const input = form.querySelector('input[type=file]') as HTMLInputElement;
    Object.defineProperty(input, 'files', { value: [new File(['%PDF-'], '新.pdf')], configurable: true });
    Object.defineProperty(input, 'value', { value: '', writable: true, configurable: true });
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }

  it('are kept by their ids, and what was refused is said', async () => {
    choose({ files: [{ id: 'new1', filename: '新.pdf' }], problems: ['坏.exe：不接受'] });
    await settle();
    expect(new FormData(form).getAll('evidence')).toEqual(['old', 'new1']);
    expect(form.querySelector('[data-files-refused]')?.textContent).toBe('坏.exe：不接受');
    expect(changes).toBe(1);
  });

  it('stay as they were when the server refuses', async () => {
    choose({ detail: '您没有权限' }, false);
    await settle();
    expect(new FormData(form).getAll('evidence')).toEqual(['old']);
    expect(form.querySelector('[data-files-refused]')?.textContent).toBe('您没有权限');
  });

  it('can be taken out', () => {
    form.querySelector<HTMLElement>('[data-remove-file]')?.click();
    expect(new FormData(form).getAll('evidence')).toEqual([]);
    expect(changes).toBe(1);
  });
});
