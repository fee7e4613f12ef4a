/** Plain values as they come out of YAML. */
export type Mapping = Readonly<Record<string, unknown>>;
export type Path = readonly (string | number)[];

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys of mappings that the user names; they are replaced as a whole, not merged. */
const freeKeys = new Set(['groups']);

/** Whether `value`, under `key`, is a section with keys of its own. */
export function isSection(key: string, value: unknown): value is Mapping {
  return isMapping(value) && !freeKeys.has(key);
}

/**
 * `over` laid over `under`: sections key by key, anything else as a whole. A section that is
 * empty in YAML is null and changes nothing. Neither argument is changed.
 */
export function layered(under: Mapping, over: Mapping): Mapping {
  const merged = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(under, key) ? under[key] : undefined;
    if (!isSection(key, before)) merged.set(key, value);
    else if (value !== null) merged.set(key, isMapping(value) ? layered(before, value) : value);
  }
  // Not by assignment: a key __proto__ must stay a key, to be refused.
  return Object.fromEntries(merged);
}

/** The value at a path, `undefined` where there is none. */
export function at(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value) && typeof key === 'number') return value[key] as unknown;
    return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }, tree);
}

/** `streams[0].source` and the like. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}
