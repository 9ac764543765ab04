/** The cells of a shown form that a list of paths (`amount_total`, `indicators[2].weight`) names. */
export function cells(form: ParentNode, paths: string[]): Element[] {
  return paths.flatMap((path) => {
    const match = /^([a-z][a-z0-9_]*)(?:\[(\d+)\](?:\.([a-z][a-z0-9_]*))?)?$/.exec(path);
    if (!match) return [];
    const [, field, row, column] = match;
    if (row === undefined) return [...form.querySelectorAll(`[data-field="${field}"]`)];
    const line = form.querySelector(`#${field} tr[data-row="${row}"]`);
    if (!line) return [];
    const cell = column ? line.querySelector(`[data-column="${column}"]`) : null;
    return [cell ?? line];
  });
}
