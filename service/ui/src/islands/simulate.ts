/* eslint-disable @typescript-eslint/no-explicit-any */
import { draw } from '../shared/viewer';
import { changeHeaders } from '../shared/request';
import { make } from '../shared/studio/controls';
import { Tokens, type Arrow } from '../shared/studio/tokens';
import '../shared/studio/simulate.css';

/** A case played by hand: the server's engine decides where tokens go, the drawing shows it. */

type Value = string | number | boolean;
type Facts = Record<string, Value>;
type Decision = { step: string; verb: string; facts: Facts; to: string };
type Asked = { name: string; title: string; values: Value[] };
type Moment = { step: string; title: string; words: string; flows: Arrow[]; back: boolean; open: string[] };
type Open = { step: string; title: string; who: string; verbs: { verb: string; words: string; back: boolean }[]; back: { step: string; title: string }[]; asked: Asked[] };
type Played = { moments: Moment[]; open: Open[]; asked: Asked[]; waits: boolean; completed: boolean; stage_label: string; problem: string };
type Story = { name: string; facts: Facts; decisions: Decision[] };
type Drawing = { xml: string; scenarios: Story[]; missed: string[] };

const MARKS = ['diagram-current', 'diagram-done', 'diagram-walked'];

class Simulation {
  private viewer: any;
  private tokens!: Tokens;
  private facts: Facts = {};
  private decisions: Decision[] = [];
  private played: Played | undefined;
  private asked = 0;

  constructor(private host: HTMLElement) {}

  async start(): Promise<void> {
    const drawing = (await (await fetch(this.host.dataset.diagram ?? '', { headers: { Accept: 'application/json' } })).json()) as Drawing;
    this.viewer = await draw(this.host.querySelector('[data-canvas]') as HTMLElement, drawing.xml);
    this.tokens = new Tokens(this.viewer);
    this.fit();
    const acts: Record<string, () => void> = {
      restart: () => this.play([]),
      back: () => this.play(this.decisions.slice(0, -1)),
      replay: () => void this.replay(),
      fit: () => this.fit(),
    };
    this.host.querySelectorAll<HTMLElement>('[data-simulate]').forEach((button) => button.addEventListener('click', () => acts[button.dataset.simulate ?? '']?.()));
    this.host.querySelector('[data-simulate-missed]')?.addEventListener('change', (event) => this.mark(drawing.missed, 'simulate-missed', (event.target as HTMLInputElement).checked));
    document.querySelectorAll<HTMLElement>('[data-story]').forEach((button) =>
      button.addEventListener('click', () => {
        const story = drawing.scenarios[Number(button.dataset.story)];
        if (!story) return;
        this.host.scrollIntoView({ block: 'nearest' });
        this.facts = { ...story.facts };
        void this.play([...story.decisions], true);
      }),
    );
    await this.play([]);
    document.body.dataset.simulate = 'ready';
  }

  private part(name: string): HTMLElement {
    return this.host.querySelector(`[data-part=${name}]`) as HTMLElement;
  }

  private fit(): void {
    const canvas = this.viewer.get('canvas');
    canvas.resized();
    canvas.zoom('fit-viewport', 'auto');
  }

  private mark(ids: string[], name: string, on: boolean): void {
    const canvas = this.viewer.get('canvas');
    for (const id of ids) if (this.viewer.get('elementRegistry').get(id)) canvas[on ? 'addMarker' : 'removeMarker'](id, name);
  }

  private async ask(address: string, body: unknown): Promise<any> {
    const response = await fetch(address, { method: 'POST', body: JSON.stringify(body), headers: { ...changeHeaders(), 'Content-Type': 'application/json' } });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.problems?.[0]?.message ?? answer.detail ?? response.statusText);
    return answer;
  }

  private async play(decisions: Decision[], whole = false): Promise<void> {
    const mine = (this.asked += 1);
    document.body.dataset.simulate = 'playing';
    let played: Played;
    try {
      played = (await this.ask(this.host.dataset.play ?? '', { facts: this.facts, decisions })) as Played;
    } catch (error) {
      this.say(`没有推演成功：${(error as Error).message}`);
      return;
    }
    if (mine !== this.asked) return;
    const further = decisions.length > this.decisions.length;
    this.decisions = decisions.slice(0, Math.max(0, played.moments.length - 1));
    this.played = played;
    this.write();
    if (whole) await this.replay();
    else {
      this.stand(played.moments.length - 1);
      const last = played.moments[played.moments.length - 1];
      if (further && last) await this.tokens.run(last.flows);
      else this.tokens.stop();
    }
    if (mine === this.asked) document.body.dataset.simulate = 'ready';
  }

  /** Everything again from the beginning. */
  private async replay(): Promise<void> {
    const moments = this.played?.moments ?? [];
    for (const [index, moment] of moments.entries()) {
      this.stand(index - 1);
      if (!(await this.tokens.run(moment.flows))) return;
    }
    this.stand(moments.length - 1);
  }

  /** Colour the drawing as it stands after a moment; -1 for before the beginning. */
  private stand(index: number): void {
    const registry = this.viewer.get('elementRegistry');
    for (const element of registry.getAll()) for (const name of MARKS) this.mark([element.id], name, false);
    const past = (this.played?.moments ?? []).slice(0, index + 1);
    const open = past[past.length - 1]?.open ?? [];
    const went = new Set(past.flatMap((moment) => moment.flows.map((ends) => ends.join(' '))));
    const arrows = registry.filter((item: any) => item.waypoints && item.source && item.target && went.has(`${item.source.id} ${item.target.id}`));
    this.mark(arrows.map((item: any) => item.id), 'diagram-walked', true);
    this.mark(past.map((moment) => moment.step).filter((step) => step && !open.includes(step)), 'diagram-done', true);
    this.mark(open, 'diagram-current', true);
    this.host.dataset.open = open.join(' ');
  }

  private write(): void {
    const played = this.played as Played;
    const now = this.part('now');
    now.replaceChildren();
    if (played.problem) now.append(make('p', { class: 'alert alert-danger', role: 'alert' }, played.problem));
    if (!this.decisions.length && played.asked.length) now.append(this.questions('事项开始时', played.asked, this.facts, () => void this.play([])));
    for (const open of played.open) now.append(this.step(open));
    if (played.waits) now.append(this.button('等到规定的时间', () => this.decide({ step: '', verb: 'wait', facts: {}, to: '' })));
    if (played.completed) now.append(make('p', { class: 'alert alert-success' }, `已办结：${played.stage_label || '流程结束'}`));
    const passed = played.moments.slice(1).map((moment) => make('li', {}, moment.title ? `${moment.title}：${moment.words}` : moment.words));
    this.part('path').replaceChildren(...(passed.length ? passed : [make('li', { class: 'text-secondary' }, '还没有办理任何步骤')]));
    this.keeping();
  }

  private say(sentence: string): void {
    this.part('now').replaceChildren(make('p', { class: 'alert alert-danger', role: 'alert' }, sentence));
  }

  private step(open: Open): HTMLElement {
    const facts: Facts = {};
    const box = make('fieldset', { class: 'simulate-step', 'data-step': open.step }, make('legend', {}, open.title), make('p', { class: 'form-hint' }, open.who));
    if (open.asked.length) box.append(this.questions('填写（流程的判断要用到）', open.asked, facts, () => undefined));
    let to = '';
    if (open.back.length > 1) {
      const select = make('select', { class: 'form-select form-select-sm', 'aria-label': '退回到' });
      for (const target of open.back) select.add(new Option(`退回到：${target.title}`, target.step));
      to = select.value;
      select.addEventListener('change', () => (to = select.value));
      box.append(select);
    } else to = open.back[0]?.step ?? '';
    const buttons = open.verbs.map((verb) => this.button(verb.words, () => this.decide({ step: open.step, verb: verb.verb, facts: verb.back ? {} : { ...facts }, to: verb.back ? to : '' }), !verb.back && verb.verb !== 'reject'));
    box.append(make('div', { class: 'studio-row-actions' }, ...buttons));
    return box;
  }

  private decide(decision: Decision): void {
    void this.play([...this.decisions, decision]);
  }

  private button(text: string, act: () => void, main = false): HTMLElement {
    const button = make('button', { type: 'button', class: `btn btn-sm${main ? ' btn-primary' : ''}` }, text);
    button.addEventListener('click', act);
    return button;
  }

  /** A field for each fact, with the values that make a difference to choose from. */
  private questions(title: string, asked: Asked[], facts: Facts, told: () => void): HTMLElement {
    const fields = asked.map((fact) => {
      const words = (value: Value) => (value === true ? '是' : value === false ? '否' : String(value));
      const select = make('select', { class: 'form-select form-select-sm', 'data-fact': fact.name });
      select.add(new Option('（不填）', ''));
      fact.values.forEach((value, index) => select.add(new Option(words(value), String(index))));
      const given = fact.values.indexOf(facts[fact.name] as Value);
      select.value = given >= 0 ? String(given) : '';
      select.addEventListener('change', () => {
        if (select.value === '') delete facts[fact.name];
        else facts[fact.name] = fact.values[Number(select.value)] as Value;
        told();
      });
      return make('label', { class: 'studio-field' }, fact.title, select);
    });
    return make('div', { class: 'simulate-facts' }, make('p', { class: 'form-hint' }, title), ...fields);
  }

  private keeping(): void {
    const address = this.host.dataset.keep;
    if (!address) return;
    const name = make('input', { type: 'text', class: 'form-control form-control-sm', maxlength: '100', placeholder: '如：一般项目一次通过', 'aria-label': '情景名称' });
    const said = make('p', { class: 'form-hint', role: 'status' });
    const keep = this.button('存为情景', () => {
      const body = { name: name.value, facts: this.facts, decisions: this.decisions, version: Number(this.host.dataset.version) };
      void this.ask(address, body).then(
        () => window.location.reload(),
        (error: Error) => (said.textContent = `未能保存：${error.message}`),
      );
    });
    (keep as HTMLButtonElement).disabled = !this.decisions.length;
    this.part('keep').replaceChildren(make('h3', {}, '存为情景'), make('p', { class: 'form-hint' }, '这次走过的路就是以后的预期；走向变了，检查会指出来。'), name, keep, said);
  }
}

const host = document.getElementById('simulate');
if (host) void new Simulation(host).start();
