/** Choosing a phrase writes it where the cursor stands in the opinion beside it. */
export function startPhrases(form: HTMLFormElement): void {
  form.querySelectorAll<HTMLSelectElement>('[data-phrases]').forEach((choice) => {
    choice.addEventListener('change', () => {
      const place = document.getElementById(choice.dataset.phrases ?? '') as HTMLTextAreaElement | null;
      if (place && choice.value) {
        place.setRangeText(choice.value, place.selectionStart, place.selectionEnd, 'end');
        place.dispatchEvent(new Event('input', { bubbles: true }));
        place.focus();
      }
      choice.selectedIndex = 0;
    });
  });
}
