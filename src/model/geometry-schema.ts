/** Geometries as they stand in files. */
import { z } from 'zod';
import { requestedModes, type Geometry } from './geometry.ts';
import { product, taps } from './strides.ts';

const side = z.int().min(1).max(65_536);
const size = z.strictObject({ width: side, height: side });
const strides = z.tuple([z.int().min(1).max(taps[0]), z.int().min(1).max(taps[1])]);

/** Checks that the grid is the input times the strides, too. */
export const geometrySchema: z.ZodType<Geometry> = z
  .strictObject({
    mode: z.enum(requestedModes).exclude(['auto']),
    input: size,
    strides: z.strictObject({ x: strides, y: strides }),
    grid: size,
    padding: z.enum(['zero', 'edge']),
    view: z.literal('whole').optional(),
  })
  .refine(
    ({ grid, input, strides: { x, y } }) =>
      grid.width === input.width * product(x) && grid.height === input.height * product(y),
    { error: 'the grid must be the input times the strides' },
  );
