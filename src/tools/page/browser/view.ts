import { keyOf, nameOf } from './method-key.js';
import type { MethodFilter } from './method-filter.js';
import type { Time } from './protocol.js';
import { SORT_LABELS, sortBy, TROUBLE, type Sort, type SortKey } from './sort.js';

/** The windows that can be selected, in minutes. */
export const WINDOWS = [1, 5, 15] as const;

/** What the user has selected. The address of the page contains all of it, so that it can be sent to somebody else. */
export interface View extends MethodFilter {
  readonly minutes: number;
  /** The moment that the page is paused at, or null if it is live. */
  readonly pausedAt: Time | null;
  readonly sort: Sort;
  readonly isGrouped: boolean;
  /** The services whose groups are closed. */
  readonly closedGroups: readonly string[];
  /** The keys of the open methods. */
  readonly open: readonly string[];
}

export const INITIAL_VIEW: View = {
  minutes: WINDOWS[0],
  pausedAt: null,
  filter: '',
  hidesIdle: false,
  onlyFailing: false,
  sort: TROUBLE,
  isGrouped: false,
  closedGroups: [],
  open: [],
};

export function nextWindow(minutes: number): number {
  const at = WINDOWS.findIndex((each) => each === minutes);
  return WINDOWS[(at + 1) % WINDOWS.length] as number;
}

/** Writes a view as the query of an address. What is as at first is left out. */
export function queryOf(view: View): string {
  const query = new URLSearchParams();
  const { minutes, pausedAt, filter, hidesIdle, onlyFailing, sort, isGrouped } = view;
  if (minutes !== INITIAL_VIEW.minutes) query.set('window', String(minutes));
  if (pausedAt !== null) query.set('at', new Date(pausedAt).toISOString());
  if (filter !== '') query.set('filter', filter);
  if (hidesIdle) query.set('idle', 'hide');
  if (onlyFailing) query.set('only', 'failing');
  if (sort.key !== TROUBLE.key) query.set('sort', sort.key);
  if (sort.direction !== sortBy(sort.key).direction) query.set('order', sort.direction);
  if (isGrouped) query.set('group', 'service');
  for (const service of view.closedGroups) query.append('closed', service);
  for (const key of view.open) query.append('open', addressOf(key));
  return query.toString();
}

/** Reads a view from the query of an address. What it does not say, or says wrongly, is as at first. */
export function viewOf(search: string): View {
  const query = new URLSearchParams(search);
  const minutes = WINDOWS.find((each) => String(each) === query.get('window'));
  const pausedAt = Date.parse(query.get('at') ?? '');
  const key = query.get('sort') ?? '';
  const sort = Object.hasOwn(SORT_LABELS, key) ? sortBy(key as SortKey) : TROUBLE;
  const order = query.get('order');
  const isReversed = order === 'ascending' || order === 'descending';
  return {
    minutes: minutes ?? INITIAL_VIEW.minutes,
    pausedAt: Number.isNaN(pausedAt) ? null : pausedAt,
    filter: query.get('filter') ?? '',
    hidesIdle: query.get('idle') === 'hide',
    onlyFailing: query.get('only') === 'failing',
    sort: isReversed ? { key: sort.key, direction: order } : sort,
    isGrouped: query.get('group') === 'service',
    closedGroups: query.getAll('closed'),
    open: query.getAll('open').flatMap(keysAt),
  };
}

/** Names a method in an address. A slash separates the names, so slashes inside of them are encoded. */
function addressOf(key: string): string {
  const { service, method } = nameOf(key);
  return `${encodeSlashes(service)}/${encodeSlashes(method)}`;
}

function keysAt(address: string): string[] {
  const [service, method, ...others] = address.split('/').map(decodeSlashes);
  if (service === undefined || method === undefined || others.length > 0) return [];
  return [keyOf({ service, method })];
}

function encodeSlashes(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('/', '%2F');
}

function decodeSlashes(text: string): string {
  return text.replaceAll('%2F', '/').replaceAll('%25', '%');
}
