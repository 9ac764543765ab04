/** A fresh idempotency key; randomUUID is missing on plain http addresses of an intranet. */
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Headers of a change: the page's form token and an idempotency key. */
export function changeHeaders(): Record<string, string> {
  const token = document.querySelector<HTMLMetaElement>('meta[name=csrf-token]')?.content ?? '';
  return { 'X-CSRFToken': token, 'Idempotency-Key': freshKey(), Accept: 'application/json' };
}

export type Refusal = { title?: string; detail?: string; problems?: { field: string; message: string }[] };

/** POST a form; the answer's JSON, or the refusal thrown. */
export async function post<Answer>(address: string, body: FormData): Promise<Answer> {
  const response = await fetch(address, { method: 'POST', body, headers: changeHeaders() });
  const content = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error((content as Refusal).detail ?? response.statusText), { status: response.status, content });
  return content as Answer;
}
