type Child = Node | string;

/** Attributes by name. Those that are false or undefined are omitted. */
type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/** Creates an element with attributes and children. Strings become text nodes, so HTML in them has no effect. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(created, name, value);
  created.append(...children);
  return created;
}

export function setAttribute(
  target: Element,
  name: string,
  value: string | boolean | undefined,
): void {
  if (value === undefined || value === false) target.removeAttribute(name);
  else target.setAttribute(name, value === true ? '' : value);
}

/** Sets the text if it has changed, so that selections and screen readers are not disturbed. */
export function setText(target: Node, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Creates a button with a text label. */
export function button(
  label: string,
  attributes: Attributes,
  click: () => void,
): HTMLButtonElement {
  const created = element('button', { type: 'button', ...attributes }, label);
  created.addEventListener('click', click);
  return created;
}
