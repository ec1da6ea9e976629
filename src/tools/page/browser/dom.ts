type Child = Node | string;

/** Attributes by name; those that are false or undefined are left out. */
type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/** An element with attributes and children. Text stays text, whatever is in it. */
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

/** Writes only what has changed, so that a selection or a screen reader is not disturbed. */
export function setText(target: Node, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** A button that says what it does. */
export function button(
  label: string,
  attributes: Attributes,
  click: () => void,
): HTMLButtonElement {
  const created = element('button', { type: 'button', ...attributes }, label);
  created.addEventListener('click', click);
  return created;
}
