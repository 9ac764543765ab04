const chosen = new Set<string>();

/** Keep what is ticked while the list is replaced by a newer one. */
export function startChosen(): void {
  document.querySelectorAll<HTMLInputElement>('input[name=visit][form=batch-form]').forEach((box) => {
    box.checked = box.checked || chosen.has(box.value);
    box.addEventListener('change', () => (box.checked ? chosen.add(box.value) : chosen.delete(box.value)));
  });
}
