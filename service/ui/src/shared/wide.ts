const KEY = 'jiheng-wide';

/** Let wide tables have the whole width; the choice stays with this browser. */
export function startWide(): void {
  const work = document.querySelector<HTMLElement>('.work');
  const button = document.querySelector<HTMLButtonElement>('[data-wide]');
  if (!work || !button) return;
  const set = (wide: boolean) => {
    work.classList.toggle('work-wide', wide);
    button.setAttribute('aria-pressed', String(wide));
  };
  set(localStorage.getItem(KEY) === 'yes');
  button.addEventListener('click', () => {
    const wide = !work.classList.contains('work-wide');
    localStorage.setItem(KEY, wide ? 'yes' : 'no');
    set(wide);
  });
}
