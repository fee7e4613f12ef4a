import '../../src/engine/onnxruntime/telemetry.ts';
import { toBeAllClose } from './all-close.ts';
import { expect } from 'vitest';

expect.extend({ toBeAllClose });
