import { AsciiTree } from 'oo-ascii-tree';

import type { CollectedSpan } from './collector.js';

const KINDS: Readonly<Record<number, string>> = { 1: 'INTERNAL', 2: 'SERVER', 3: 'CLIENT' };
const BAR_WIDTH = 24;

/** Groups spans by trace, in the order in which the traces begin. */
export function tracesOf(spans: readonly CollectedSpan[]): (readonly CollectedSpan[])[] {
  const byId = new Map<string, CollectedSpan[]>();
  for (const span of spans.toSorted(byStart)) {
    const trace = byId.get(span.traceId);
    if (trace === undefined) byId.set(span.traceId, [span]);
    else trace.push(span);
  }
  return [...byId.values()];
}

/** Prints a line for each span: its place in the tree, service, kind, duration, and when it ran during the trace. */
export function printTrace(trace: readonly CollectedSpan[]): void {
  const root = trace.find(({ parentSpanId = '' }) => parentSpanId === '');
  if (root === undefined) throw new Error('a trace has no first span');
  const inOrder: CollectedSpan[] = [];
  const tree = treeOf(root, trace, inOrder).toString().trimEnd().split('\n');
  const width = Math.max(...tree.map(({ length }) => length));
  console.log(`trace ${root.traceId}`);
  for (const [line, span] of inOrder.entries()) {
    const place = tree[line]?.padEnd(width);
    const kind = (KINDS[span.kind] ?? '').padEnd(6);
    const duration = `${millisecondsOf(span).toFixed(1)} ms`.padStart(9);
    console.log(`  ${place}  ${span.service.padEnd(10)}  ${kind} ${duration}  ${bar(span, root)}`);
  }
}

function treeOf(
  span: CollectedSpan,
  trace: readonly CollectedSpan[],
  inOrder: CollectedSpan[],
): AsciiTree {
  inOrder.push(span);
  const children = trace.filter(({ parentSpanId }) => parentSpanId === span.spanId);
  return new AsciiTree(span.name, ...children.map((child) => treeOf(child, trace, inOrder)));
}

function bar(span: CollectedSpan, root: CollectedSpan): string {
  const scale = BAR_WIDTH / Math.max(millisecondsOf(root), Number.EPSILON);
  const before = millisecondsBetween(root.startTimeUnixNano, span.startTimeUnixNano) * scale;
  // Each process has a clock of its own, so a span may seem to leave the one around it.
  const start = Math.min(Math.max(Math.round(before), 0), BAR_WIDTH - 1);
  const length = Math.max(Math.round(millisecondsOf(span) * scale), 1);
  return ' '.repeat(start) + '━'.repeat(Math.min(length, BAR_WIDTH - start));
}

function byStart(left: CollectedSpan, right: CollectedSpan): number {
  return millisecondsBetween(right.startTimeUnixNano, left.startTimeUnixNano);
}

function millisecondsOf({ startTimeUnixNano, endTimeUnixNano }: CollectedSpan): number {
  return millisecondsBetween(startTimeUnixNano, endTimeUnixNano);
}

function millisecondsBetween(start: string, end: string): number {
  return Number(BigInt(end) - BigInt(start)) / 1e6;
}
