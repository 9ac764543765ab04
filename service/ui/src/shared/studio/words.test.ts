/* eslint-disable @typescript-eslint/no-explicit-any */
import { expect, test } from 'vitest';
import { nameOf } from './words';

const element = (type: string, name: string | undefined, ...targets: any[]): any => ({ type, businessObject: { name }, outgoing: targets.map((target) => ({ target })) });

test('what has no name is called by its kind and by where it leads', () => {
  const review = element('bpmn:UserTask', '审核目标');
  const join = element('bpmn:ParallelGateway', undefined, review);
  expect(nameOf(review)).toBe('“审核目标”');
  expect(nameOf(element('bpmn:ExclusiveGateway', undefined, join))).toBe('通往“审核目标”的判断（只走一路）');
  const round: any = element('bpmn:ExclusiveGateway', undefined);
  round.outgoing = [{ target: round }];
  expect(nameOf(round)).toBe('判断（只走一路）');
});
