import type { Identity } from './protocol.js';

/** What the tab shows: whether figures arrive, and how many methods are in trouble. */
export interface TabState {
  readonly identity: Identity | null;
  readonly isLost: boolean;
  readonly troubles: number;
}

function titleOf({ identity, isLost, troubles }: TabState): string {
  const mark = isLost ? '✕ ' : troubles > 0 ? `▲${troubles} ` : '';
  if (identity === null) return `${mark}thrift-metrics`;
  return `${mark}${identity.name} · ${identity.host}`;
}

/** Shows the state in the title and the icon of the tab, where it is seen beside other pages. */
export function showInTab(state: TabState, files: string): void {
  document.title = titleOf(state);
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  const name = state.isLost ? 'icon-lost' : state.troubles > 0 ? 'icon-trouble' : 'icon';
  const address = `${files}${name}.svg`;
  // Setting the same address again would load it again.
  if (icon !== null && icon.getAttribute('href') !== address) icon.setAttribute('href', address);
}
