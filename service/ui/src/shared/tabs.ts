/** A link elsewhere in the page that opens a tab. */
document.addEventListener('click', (event) => {
  const link = (event.target as HTMLElement).closest<HTMLAnchorElement>('[data-jump-tab]');
  const tab = link && document.querySelector<HTMLAnchorElement>(`.tab-list > a[href="${link.hash}"]`);
  if (!tab) return;
  event.preventDefault();
  tab.click();
  tab.focus();
});

/** Tabs over sections that stand one below the other without scripts. */
export function startTabs(): void {
  document.querySelectorAll<HTMLElement>('[data-tabs]').forEach((host) => {
    const links = [...host.querySelectorAll<HTMLAnchorElement>(':scope > .tab-list > a')];
    const panels = links.map((link) => document.getElementById(link.hash.slice(1)));
    host.querySelector('.tab-list')?.setAttribute('role', 'tablist');
    links.forEach((link, index) => {
      link.setAttribute('role', 'tab');
      link.setAttribute('aria-controls', link.hash.slice(1));
      panels[index]?.setAttribute('role', 'tabpanel');
      link.addEventListener('click', (event) => {
        event.preventDefault();
        open(index);
        history.replaceState(null, '', link.hash);
      });
      link.addEventListener('keydown', (event) => {
        const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        if (!step) return;
        const next = (index + step + links.length) % links.length;
        open(next);
        links[next]?.focus();
      });
    });
    const open = (chosen: number) => {
      links.forEach((link, index) => {
        const shown = index === chosen;
        link.setAttribute('aria-selected', String(shown));
        link.tabIndex = shown ? 0 : -1;
        panels[index]?.classList.toggle('tab-shown', shown);
      });
      panels[chosen]?.dispatchEvent(new CustomEvent('tab-shown', { bubbles: true }));
    };
    const wanted = links.findIndex((link) => link.hash === location.hash);
    const marked = links.findIndex((link) => link.dataset.first !== undefined);
    open(wanted >= 0 ? wanted : Math.max(marked, 0));
  });
}

/** Show the tab that holds an element. */
export function reveal(element: HTMLElement): void {
  const panel = element.closest<HTMLElement>('.tab-panel');
  if (panel) document.querySelector<HTMLAnchorElement>(`.tab-list > a[href="#${panel.id}"]`)?.click();
}
