/** The only way an element is made here: attributes and text, never HTML. */

export type Child = Node | string | null | undefined | false;
type Props = Record<string, string | number | boolean | EventListener | null | undefined>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, props: Props = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  element.append(...children.filter((child) => child) as (Node | string)[]);
  return element;
}

function set(element: Element, name: string, value: Props[string]): void {
  if (typeof value === "function") element.addEventListener(name, value);
  else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : `${value}`);
}

const SVG = "http://www.w3.org/2000/svg";

/** A decorative icon drawn with one path in a 24 × 24 box. */
export function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const shape = document.createElementNS(SVG, "path");
  set(svg, "viewBox", "0 0 24 24");
  set(svg, "aria-hidden", "true");
  set(svg, "class", "icon");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}
