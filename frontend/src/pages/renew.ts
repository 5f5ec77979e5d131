/**
 * A part of a page made anew from what the server sent, touching only what differs: focus, selection, scroll, what is half
 * typed, an opened <details> and a click under way stay with what they were in.
 */

export function renew(part: Element, sent: string): void {
  const fresh = document.createElement("template");
  fresh.innerHTML = sent;
  children(part, fresh.content);
}

const NAMED = "[id], a[href], form[action], [type=checkbox], [type=radio], button[value]";

function own(one: Element): string {
  if (!one.matches(NAMED)) return "";
  return one.id || (one.getAttribute("href") ?? one.getAttribute("action") ?? `${one.getAttribute("name")}=${one.getAttribute("value")}`);
}

/** By what a node is known among its neighbours, wherever it stands: by itself or by the first thing in it; "": by its place alone. */
function nameOf(node: Node): string {
  if (!(node instanceof Element)) return "";
  const first = node.querySelector(NAMED);
  return own(node) || (first ? own(first) : "");
}

/** Whether one may be turned into the other: a link or a button is never turned into another's. */
function isAlike(old: Node, fresh: Node): boolean {
  if (old.nodeName !== fresh.nodeName) return false;
  return !(old instanceof Element) || own(old) === own(fresh as Element);
}

/** In their order: a name may stand several times. */
function byName(parent: Node): Map<string, ChildNode[]> {
  const found = new Map<string, ChildNode[]>();
  for (const one of parent.childNodes) found.set(nameOf(one), [...(found.get(nameOf(one)) ?? []), one]);
  return found;
}

function taken(several: ChildNode[] | undefined, one: ChildNode): void {
  const at = several?.indexOf(one) ?? -1;
  if (at >= 0) several!.splice(at, 1);
}

function children(old: Node, fresh: Node): void {
  const wanted = new Set([...fresh.childNodes].map(nameOf).filter(Boolean));
  const named = byName(old);
  let at: ChildNode | null = old.firstChild;
  for (const one of [...fresh.childNodes]) {
    const known = named.get(nameOf(one) || "-")?.[0];
    const same: ChildNode | null = known && isAlike(known, one) ? known : at && isAlike(at, one) && !wanted.has(nameOf(at)) ? at : null;
    if (!same) {
      old.insertBefore(one, at);
      continue;
    }
    taken(named.get(nameOf(same)), same);
    if (at && same !== at) bring(old, same, at);
    at = same.nextSibling;
    update(same, one);
  }
  while (at) {
    const next: ChildNode | null = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** To where it stands now, without moving what has the focus: what is moved loses it. */
function bring(parent: Node, one: ChildNode, to: ChildNode): void {
  const between: ChildNode[] = [];
  for (let node: ChildNode | null = to; node && node !== one; node = node.nextSibling) between.push(node);
  if (!one.contains(document.activeElement)) parent.insertBefore(one, to);
  else one.after(...between);
}

function update(old: ChildNode, fresh: ChildNode): void {
  if (old.isEqualNode(fresh)) return;
  if (!(old instanceof Element) || !(fresh instanceof Element)) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  const kept = (name: string): boolean => old instanceof HTMLDetailsElement && name === "open";
  for (const { name, value } of [...fresh.attributes]) if (!kept(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!kept(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  children(old, fresh);
}
