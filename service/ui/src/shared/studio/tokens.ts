/* eslint-disable @typescript-eslint/no-explicit-any */

/** Tokens that run along the arrows of a diagram: what the server's engine did, shown one arrow after the other. */

export type Arrow = [string, string];
type Point = { x: number; y: number };

const SPEED = 0.6; // canvas units per millisecond
const SHORTEST = 140;
const SVG = 'http://www.w3.org/2000/svg';

/** Arrows that run at the same time: a new wave begins where a token goes on from where one of this wave arrives. */
export function waves(arrows: Arrow[]): Arrow[][] {
  const found: Arrow[][] = [];
  let reached = new Set<string>();
  for (const arrow of arrows) {
    const last = found[found.length - 1];
    if (!last || reached.has(arrow[0])) {
      found.push([arrow]);
      reached = new Set();
    } else last.push(arrow);
    reached.add(arrow[1]);
  }
  return found;
}

/** The point a share of the way along a line. */
export function along(points: Point[], share: number): Point {
  const lengths = points.slice(1).map((point, index) => Math.hypot(point.x - points[index]!.x, point.y - points[index]!.y));
  let left = share * lengths.reduce((sum, length) => sum + length, 0);
  for (const [index, length] of lengths.entries()) {
    const [from, to] = [points[index]!, points[index + 1]!];
    if (left <= length && length > 0) return { x: from.x + ((to.x - from.x) * left) / length, y: from.y + ((to.y - from.y) * left) / length };
    left -= length;
  }
  return points[points.length - 1]!;
}

export class Tokens {
  private running = 0;

  constructor(private viewer: any) {}

  /** Ends what is running. */
  stop(): void {
    this.running += 1;
    this.layer().replaceChildren();
  }

  /** Let tokens run along the arrows; false if something else was begun meanwhile. */
  async run(arrows: Arrow[]): Promise<boolean> {
    this.stop();
    const mine = this.running;
    if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return true;
    for (const wave of waves(arrows)) {
      await Promise.all(wave.flatMap((arrow) => this.lines(arrow)).map((points) => this.move(points, mine)));
      if (mine !== this.running) return false;
    }
    return true;
  }

  private layer(): SVGGElement {
    return this.viewer.get('canvas').getLayer('jh-tokens', 100) as SVGGElement;
  }

  private lines([source, target]: Arrow): Point[][] {
    const found = this.viewer.get('elementRegistry').filter((item: any) => item.waypoints && item.source?.id === source && item.target?.id === target);
    return found.map((item: any) => item.waypoints as Point[]);
  }

  private move(points: Point[], mine: number): Promise<void> {
    const token = document.createElementNS(SVG, 'circle');
    token.setAttribute('r', '9');
    token.setAttribute('class', 'simulate-token');
    this.layer().append(token);
    const length = points.slice(1).reduce((sum, point, index) => sum + Math.hypot(point.x - points[index]!.x, point.y - points[index]!.y), 0);
    const lasts = Math.max(SHORTEST, length / SPEED);
    return new Promise((done) => {
      const begun = performance.now();
      const step = (now: number) => {
        const share = Math.min(1, (now - begun) / lasts);
        const place = along(points, share);
        token.setAttribute('cx', String(place.x));
        token.setAttribute('cy', String(place.y));
        if (share < 1 && mine === this.running) requestAnimationFrame(step);
        else {
          token.remove();
          done();
        }
      };
      step(begun);
    });
  }
}
