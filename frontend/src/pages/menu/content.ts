/** A voice menu as it is edited: its parts, and the changes that may be made to them (kindline/standard/menu_drafts.py). */

export interface Prompt {
  text: string;
  sound: string;
  clauses: string[];
  names_company?: boolean;
}

export type Title = Record<string, string>;

export interface Option {
  digit: string;
  action: string;
  target: string;
  title: Title;
  enabled: boolean;
  on_end: string;
  prompt: Prompt | null;
}

export interface Level {
  id: string;
  title: Title;
  prompt: Prompt;
  timeout_s: number;
  tries: number;
  options: Option[];
}

export interface Content {
  root: string;
  recording_notice: Prompt | null;
  greeting: Prompt | null;
  off_hours: { greeting: Prompt; node: string } | null;
  nodes: Level[];
}

/** The way back to how a part is now, within the same objects: what is known of each (open, recorded just now) holds. */
export function remembered<Part>(part: Part): () => Part {
  if (part === null || typeof part !== "object") return () => part;
  const held = part as Record<string, unknown>;
  const inside = Object.entries(held).map(([name, one]) => [name, remembered(one)] as const);
  return () => {
    if (Array.isArray(part)) part.length = 0;
    for (const name of Object.keys(held)) delete held[name];
    for (const [name, back] of inside) held[name] = back();
    return part;
  };
}

export const TARGETED = ["goto", "queue", "operator", "voicemail", "self"];
const silent = (): Prompt => ({ text: "", sound: "", clauses: [] });

export function levelOf(content: Content, id: string): Level | undefined {
  return content.nodes.find((level) => level.id === id);
}

/** The first key that no other option of the level has. */
export function freeKey(level: Level, keys: string[]): string {
  return keys.find((key) => !level.options.some((option) => option.digit === key)) ?? "";
}

export function newOption(level: Level, keys: string[]): Option {
  return { digit: freeKey(level, keys), action: "queue", target: "", title: {}, enabled: true, on_end: "back", prompt: null };
}

/** A level with a way back, for an option that leads to a new one. */
export function newLevel(content: Content): Level {
  let number = content.nodes.length + 1;
  while (levelOf(content, `level${number}`)) number += 1;
  const back: Option = { digit: "*", action: "back", target: "", title: {}, enabled: true, on_end: "back", prompt: null };
  const made: Level = { id: `level${number}`, title: {}, prompt: silent(), timeout_s: 5, tries: 3, options: [back] };
  content.nodes.push(made);
  return made;
}

/** Every level that can be reached from one, itself included. */
export function below(content: Content, id: string, seen: Set<string> = new Set()): Set<string> {
  const level = levelOf(content, id);
  if (!level || seen.has(id)) return seen;
  seen.add(id);
  for (const option of level.options) if (option.action === "goto") below(content, option.target, seen);
  return seen;
}

/** Whether an option may stand in a level: not below itself. */
export function mayMove(content: Content, option: Option, to: Level): boolean {
  return option.action !== "goto" || !below(content, option.target).has(to.id);
}

/** Put an option before another of a level (or at its end); its key changes only where it is taken there. */
export function move(content: Content, from: Level, option: Option, to: Level, before: Option | null, keys: string[]): boolean {
  if (!mayMove(content, option, to) || before === option) return false;
  from.options.splice(from.options.indexOf(option), 1);
  if (from !== to && to.options.some((other) => other.digit === option.digit)) option.digit = freeKey(to, keys);
  const place = before ? to.options.indexOf(before) : to.options.length;
  to.options.splice(place, 0, option);
  return true;
}

/** Take an option away, and the levels to which only it led. */
export function remove(content: Content, level: Level, option: Option): void {
  level.options.splice(level.options.indexOf(option), 1);
  sweep(content);
}

/** Levels to which nothing leads any more. */
export function sweep(content: Content): void {
  const reached = below(content, content.root);
  if (content.off_hours) below(content, content.off_hours.node, reached);
  content.nodes = content.nodes.filter((one) => reached.has(one.id));
}

/** Let an option do something else; what it needs for that comes with it. */
export function change(content: Content, option: Option, action: string): void {
  option.action = action;
  option.target = "";
  if (action === "goto") option.target = newLevel(content).id;
  option.prompt = action === "info" ? (option.prompt ?? silent()) : null;
  if (option.target) levelOf(content, option.target)!.title = { ...option.title };
  sweep(content);
}
