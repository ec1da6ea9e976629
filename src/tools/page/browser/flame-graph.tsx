import { hierarchy, partition, type HierarchyRectangularNode } from 'd3-hierarchy';
import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';

import { formatPercentage } from './format.js';
import type { Frame } from './profile-tree.js';

/** Pixels of a frame, which is also the smallest size of what can be touched. */
const HEIGHT = 24;

/** Fraction of the width below which a frame is not drawn. It would be about one pixel wide. */
const NARROWEST = 0.0015;

/** Degrees between the hues of two methods. Multiples of the golden angle stay apart for any number of methods. */
const HUE_STEP = 137.5;

type Node = HierarchyRectangularNode<Frame>;

/**
 * A flame graph whose widest frames are on the left: each frame is as wide as its share, below its caller. It is a tree for
 * the keyboard and for screen readers: arrows move between frames, Enter shows a frame and what it has called in full width.
 */
export function FlameGraph({
  root,
  format,
}: {
  readonly root: Frame;
  readonly format: (value: number) => string;
}): JSX.Element {
  const top = useMemo(() => layOut(root), [root]);
  const [zoomed, setZoomed] = useState(top);
  const [active, setActive] = useState(top);
  const [pointed, setPointed] = useState<Node | null>(null);
  const container = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => shownNodes(zoomed), [zoomed]);
  const total = top.value ?? 0;
  const depth = Math.max(...shown.map((node) => node.depth));
  const described = pointed ?? active;

  const zoom = (node: Node): void => {
    setZoomed(node);
    setActive(node);
  };
  const move = (node: Node | undefined): void => {
    if (node === undefined) return;
    setPointed(null);
    setActive(node);
    if (!shown.includes(node)) setZoomed(node.parent ?? node);
    requestAnimationFrame(() =>
      container.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' }),
    );
  };
  const press = (event: KeyboardEvent): void => {
    const siblings = active.parent?.children ?? [active];
    const at = siblings.indexOf(active);
    const actions: Readonly<Record<string, () => void>> = {
      ArrowDown: () => move(active.children?.[0]),
      ArrowUp: () => move(active.parent ?? undefined),
      ArrowLeft: () => move(siblings[at - 1]),
      ArrowRight: () => move(siblings[at + 1]),
      Home: () => move(top),
      Enter: () => zoom(active),
      ' ': () => zoom(active),
      Escape: () => zoom(top),
    };
    const action = actions[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    // The page has other meanings for some of these keys.
    event.stopPropagation();
    event.preventDefault();
    action();
  };

  return (
    <figure class="flame-figure">
      <figcaption>
        Flame graph: each frame is as wide as its share, below what has called it. Click a frame, or
        press Enter, to see it in full width. Escape shows everything again.
      </figcaption>
      <div
        class="flame"
        role="tree"
        aria-label="Flame graph"
        aria-activedescendant={idOf(shown.indexOf(active))}
        tabIndex={0}
        ref={container}
        onKeyDown={press}
        onMouseLeave={() => setPointed(null)}
      >
        <div class="flame-frames" style={{ height: `${(depth + 1) * HEIGHT}px` }}>
          {shown.map((node, i) => (
            <FlameFrame
              key={i}
              id={idOf(i)}
              node={node}
              zoomed={zoomed}
              isActive={node === active}
              text={textOf(node, total, format)}
              zoom={() => zoom(node)}
              point={() => setPointed(node)}
            />
          ))}
        </div>
      </div>
      <p class="readout" aria-live="polite">
        {`${textOf(described, total, format)}${described.data.location === '' ? '' : `, ${described.data.location}`}`}
      </p>
    </figure>
  );
}

function FlameFrame({
  id,
  node,
  zoomed,
  isActive,
  text,
  zoom,
  point,
}: {
  readonly id: string;
  readonly node: Node;
  readonly zoomed: Node;
  readonly isActive: boolean;
  readonly text: string;
  readonly zoom: () => void;
  readonly point: () => void;
}): JSX.Element {
  const { name, kind, method } = node.data;
  const [left, width] = spanOf(node, zoomed);
  const style = {
    left: `${left * 100}%`,
    width: `${width * 100}%`,
    top: `${node.depth * HEIGHT}px`,
    ...(method !== null && { '--hue': String(Math.round((method * HUE_STEP + 210) % 360)) }),
  };
  return (
    <div
      id={id}
      class="flame-frame"
      role="treeitem"
      aria-level={node.depth + 1}
      aria-selected={isActive}
      aria-label={text}
      data-kind={kind}
      data-method={method === null ? undefined : ''}
      data-active={isActive ? '' : undefined}
      style={style}
      onClick={zoom}
      onMouseEnter={point}
    >
      {name}
    </div>
  );
}

function layOut(root: Frame): Node {
  const summed = hierarchy(root).sum(({ self }) => self);
  // oxlint-disable-next-line unicorn/no-array-sort -- a hierarchy has only this
  summed.sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  return partition<Frame>()(summed);
}

/** The zoomed frame, what has called it, and what it has called, without what would be too narrow to see. */
function shownNodes(zoomed: Node): Node[] {
  const least = (zoomed.x1 - zoomed.x0) * NARROWEST;
  const below: Node[] = [];
  const visit = (node: Node): void => {
    below.push(node);
    for (const child of node.children ?? []) if (child.x1 - child.x0 >= least) visit(child);
  };
  visit(zoomed);
  return [...zoomed.ancestors().slice(1).toReversed(), ...below];
}

/** Where a frame begins and how wide it is, as fractions of the width. Those that led to the zoomed one fill it. */
function spanOf(node: Node, zoomed: Node): [left: number, width: number] {
  if (node.depth <= zoomed.depth) return [0, 1];
  const whole = zoomed.x1 - zoomed.x0;
  return [(node.x0 - zoomed.x0) / whole, (node.x1 - node.x0) / whole];
}

function textOf(
  { data, value = 0 }: Node,
  total: number,
  format: (value: number) => string,
): string {
  return `${data.name}: ${format(value)}, ${formatPercentage(value / total)}, itself ${format(data.self)}`;
}

function idOf(index: number): string {
  return `flame-${index}`;
}
