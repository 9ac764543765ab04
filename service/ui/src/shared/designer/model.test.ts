import { expect, test } from 'vitest';
import { addField, grant, granted, newField, onlyAt, placeOf, removeField, renameField, type Definition, type Step } from './model';

const STEPS: Step[] = [{ id: 'draft', title: '填报', fills: true }, { id: 'check', title: '审核', fills: false }];

function form(): Definition {
  return {
    code: 'f', title: '表', fields: [{ id: 'a', type: 'text', label: '甲' }, { id: 'b', type: 'decimal', label: '乙' }],
    rules: [{ test: "b > 0 and a != 'b'", message: '{b}不对', at: 'b' }],
    permissions: { draft: { '*': 'edit' }, '*': { '*': 'read' } },
    layout: [{ rows: [[{ text: '组', rows: 2 }, { label_of: 'a' }, { field: 'a' }], [{ label_of: 'b' }, { field: 'b' }]] }, { signatures: [{ text: '签字' }] }],
  };
}

test('a new field is printed in a row of its own over the whole width', () => {
  const definition = form();
  addField(definition, newField(definition.fields, 'text'), 1);
  expect(definition.fields.map((field) => field.id)).toEqual(['a', 'b', 'field_1']);
  expect(definition.layout?.[0]?.rows?.[2]).toEqual([{ label_of: 'field_1' }, { field: 'field_1', cols: 2 }]);
});

test('a new table stands before the signatures', () => {
  const definition = form();
  addField(definition, newField(definition.fields, 'table'), 0);
  expect(definition.layout?.[1]).toEqual({ table: 'table_1' });
});

test('a removed field leaves neither its row nor a heading that reaches too far', () => {
  const definition = form();
  removeField(definition, 1);
  expect(definition.layout?.[0]?.rows).toEqual([[{ text: '组', rows: 1 }, { label_of: 'a' }, { field: 'a' }]]);
});

test('a renamed field is renamed in rules, messages and layout, not in texts', () => {
  const definition = form();
  renameField(definition, 1, 'amount');
  expect(definition.rules?.[0]).toEqual({ test: "amount > 0 and a != 'b'", message: '{amount}不对', at: 'amount' });
  expect(definition.layout?.[0]?.rows?.[1]?.[1]).toEqual({ field: 'amount' });
});

test('a field is let be seen at one step only', () => {
  const definition = form();
  onlyAt(definition, 'b', STEPS, 'check');
  expect(['draft', 'check', 'other'].map((node) => granted(definition, node, 'b'))).toEqual(['hidden', 'read', 'hidden']);
  expect(granted(definition, 'draft', 'a')).toBe('edit');
  grant(definition, 'draft', 'b', 'edit');
  expect(definition.permissions?.draft).toEqual({ '*': 'edit' });
});

test('a problem leads to its place', () => {
  expect(placeOf('fields.3.columns.1.label')).toEqual({ kind: 'column', index: 3, column: 1 });
  expect(placeOf('fields.3.columns')).toEqual({ kind: 'field', index: 3 });
  expect(placeOf('permissions.draft')).toEqual({ kind: 'permissions' });
  expect(placeOf('')).toBeUndefined();
});
