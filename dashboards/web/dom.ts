/** Elements from values. Text goes in as text nodes only: labels come from telemetry and may be hostile. */

export type Child = Node | string | number | null | undefined | false;
type Listener = (event: Event) => void;
export type Attributes = Readonly<Record<string, string | number | boolean | Listener | undefined>>;

function fill(node: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** `element('button', { class: 'chip', click: onClick }, 'text')`. Functions become listeners of the event they are named after. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  fill(node, attributes, children);
  return node;
}

export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  fill(node, attributes, children);
  return node;
}

/** Custom properties, set through the object model: the content security policy allows no style attributes in markup. */
export function withProperties<Node extends HTMLElement | SVGElement>(node: Node, properties: Readonly<Record<string, string>>): Node {
  for (const [name, value] of Object.entries(properties)) node.style.setProperty(name, value);
  return node;
}

export function byId(id: string): HTMLElement {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`The page has no element with the id ${id}.`);
  return node;
}

/** Between backticks stands code, as in Grafana. */
export const withCode = (text: string): readonly (string | HTMLElement)[] =>
  text.split('`').map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part));

/** A line drawing of 24 by 24 units, in the color of the text around it. */
export function icon(path: string, size = 16): SVGSVGElement {
  return svg('svg', { width: size, height: size, viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d: path }));
}

/** A color as the browser computes it, for what is painted on a canvas: a custom property alone would still say light-dark(…). */
export function property(name: string): string {
  const probe = withProperties(byId('probe'), { color: `var(${name})` });
  return getComputedStyle(probe).color;
}
