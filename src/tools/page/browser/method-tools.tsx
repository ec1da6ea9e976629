import type { JSX, RefObject } from 'preact';

import { SORT_LABELS, sortBy, TROUBLE, type SortKey } from './sort.js';
import type { View } from './view.js';

/** What chooses the rows of the table and their order. */
export function MethodTools({
  view,
  shown,
  all,
  filterInput,
  change,
}: {
  readonly view: View;
  readonly shown: number;
  readonly all: number;
  readonly filterInput: RefObject<HTMLInputElement>;
  readonly change: (changes: Partial<View>) => void;
}): JSX.Element {
  const { filter, sort, isGrouped, hidesIdle, onlyFailing } = view;
  return (
    <div class="tools">
      <input
        type="search"
        id="filter"
        placeholder="Filter methods"
        aria-label="Filter methods"
        autocomplete="off"
        spellcheck={false}
        ref={filterInput}
        value={filter}
        onInput={(event) => change({ filter: event.currentTarget.value })}
      />
      <label class="order">
        <span class="order-label">{'Sort by: '}</span>
        <select
          id="order"
          value={sort.key}
          onChange={(event) => {
            const key = event.currentTarget.value as SortKey;
            change({ sort: key === 'trouble' ? TROUBLE : sortBy(key) });
          }}
        >
          {Object.entries(SORT_LABELS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <Switch
        label="By service"
        isOn={isGrouped}
        toggle={() => change({ isGrouped: !isGrouped })}
      />
      <Switch label="Hide idle" isOn={hidesIdle} toggle={() => change({ hidesIdle: !hidesIdle })} />
      <Switch
        label="Only failing"
        isOn={onlyFailing}
        toggle={() => change({ onlyFailing: !onlyFailing })}
      />
      <span class="count" aria-live="polite">
        {`${shown} of ${all} methods`}
      </span>
    </div>
  );
}

/** A button that is pressed or not. */
function Switch({
  label,
  isOn,
  toggle,
}: {
  readonly label: string;
  readonly isOn: boolean;
  readonly toggle: () => void;
}): JSX.Element {
  return (
    <button type="button" class="button switch" aria-pressed={isOn} onClick={toggle}>
      {label}
    </button>
  );
}
