const SHOWN = 10_000;

/** The way back stands for ten seconds, longer while somebody is at it; afterwards it is in 已办. */
export function startUndo(): void {
  const bar = document.querySelector<HTMLElement>('[data-undo]');
  if (!bar) return;
  const leave = () => {
    if (bar.matches(':hover, :focus-within')) window.setTimeout(leave, 2000);
    else bar.remove();
  };
  window.setTimeout(leave, SHOWN);
}
