import { tracingChannel } from 'node:diagnostics_channel';

import { onTestFinished } from 'vitest';

import type { ThriftCallMessage } from '../../src/index';

type Event = 'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error';

export interface Published {
  /** Every event, with the method of its call. */
  readonly events: string[];
  /** The messages of the calls, in the order of their starts. */
  readonly messages: ThriftCallMessage[];
  /** Resolves when the number of calls have ended. */
  ended(calls: number): Promise<void>;
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

/** Collects what a tracing channel publishes until the test ends. */
export function published(kind: 'server' | 'client'): Published {
  const events: string[] = [];
  const messages = new Set<ThriftCallMessage>();
  const ended = new Set<ThriftCallMessage>();
  const waiting: { calls: number; resolve: () => void }[] = [];
  const note = (event: Event) => (data: unknown) => {
    const message = data as ThriftCallMessage;
    events.push(`${event} ${message.method}`);
    messages.add(message);
    if (event === 'asyncEnd' || (event === 'end' && message.outcome !== undefined)) {
      ended.add(message);
    }
    for (const { calls, resolve } of waiting) if (ended.size >= calls) resolve();
  };
  const handlers = Object.fromEntries(EVENTS.map((event) => [event, note(event)]));
  const channel = tracingChannel(`thrift.${kind}.call`);
  channel.subscribe(handlers as never);
  onTestFinished(() => {
    channel.unsubscribe(handlers as never);
  });
  return {
    events,
    get messages() {
      return [...messages];
    },
    ended: (calls) =>
      new Promise((resolve) => {
        if (ended.size >= calls) resolve();
        else waiting.push({ calls, resolve });
      }),
  };
}
