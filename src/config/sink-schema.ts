import { z } from 'zod';
import { fileIdentity } from '../domain/file-identity.ts';
import { differentNames, flag, list, mapping, name, oneOf, taken, text } from './fields.ts';

/** A sink of each type. */
const types = {
  json_lines: mapping({
    type: taken(oneOf('json_lines'), 'json_lines: a line of JSON for each record (docs/events.md).'),
    name: taken(
      name.default('json_lines'),
      "The label of the sink's metrics, different for each; the type unless given.",
    ),
    path: taken(
      text('the path of a file, or - for standard output'),
      'A file that is appended to, or - for standard output; different for each.',
    ),
    every_frame: taken(flag.default(false), 'Write the prediction of every frame there as well.'),
  }),
};

export const sinkSchema = z.discriminatedUnion('type', [types.json_lines], {
  error: ({ code }: { readonly code: string }) =>
    code === 'invalid_union'
      ? `must be one of ${Object.keys(types).join(', ')}`
      : 'must be a mapping with a type, such as {type: json_lines, path: events.jsonl}',
});

export const sinksSchema = taken(
  list(sinkSchema, 'a list of sinks, each with a type').superRefine(differentNames('sink')).superRefine(differentPaths),
  'Where events go, and predictions where they are wanted: any number of sinks.',
);

/** The keys of a sink of this type. */
export function sinkKeys(type: unknown): string[] {
  const shapes = Object.entries(types).filter(([known]) => known === type);
  return shapes.flatMap(([, { shape }]) => Object.keys(shape));
}

/** Two sinks of one file would cut each other's lines when the disk is full. */
function differentPaths(sinks: readonly z.infer<typeof sinkSchema>[], context: z.RefinementCtx): void {
  const firsts = new Map<string, number>();
  sinks.forEach(({ path }, index) => {
    const file = fileIdentity(path === '-' ? '/dev/stdout' : path);
    const first = firsts.get(file) ?? index;
    firsts.set(file, first);
    if (first === index) return;
    const message = `must be different for each sink, but sinks[${first}] writes there, too: give it another path, or remove one of the two`;
    context.addIssue({ code: 'custom', path: [index, 'path'], message });
  });
}
