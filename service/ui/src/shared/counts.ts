const EVERY = 10_000;

/** Keep the counts in the navigation and the inbox's tabs true without reloading; 304 costs next to nothing. */
export function startCounts(): void {
  const badges = document.querySelector('[data-count]');
  if (!badges) return;
  let tag = '';
  const ask = async () => {
    if (document.hidden) return;
    const response = await fetch('/inbox/counts', {
      headers: { Accept: 'application/json', ...(tag ? { 'If-None-Match': tag } : {}) },
      cache: 'no-store',
    }).catch(() => undefined);
    if (!response || response.status !== 200) return;
    const changed = tag !== '';
    tag = response.headers.get('ETag') ?? '';
    show((await response.json()) as Record<string, number>);
    if (changed) document.body.dispatchEvent(new CustomEvent('inbox-changed'));
  };
  void ask();
  window.setInterval(() => void ask(), EVERY);
  document.addEventListener('visibilitychange', () => void ask());
}

/** Write counts into every place that shows them. */
export function show(counts: Record<string, number>): void {
  document.querySelectorAll<HTMLElement>('[data-count]').forEach((place) => {
    const count = counts[place.dataset.count ?? ''] ?? 0;
    place.textContent = String(count);
    place.hidden = count === 0 && place.classList.contains('count-badge');
  });
}
