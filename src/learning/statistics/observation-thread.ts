/** The entry of a thread that makes one observation graph, answers with its bytes and ends. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { decodeModel } from '../../onnx/wire.ts';
import { observationModel, type ObservationGraphOptions } from './observation-graph.ts';

export interface ObservationRequest extends Omit<ObservationGraphOptions, 'classifier'> {
  /** Of the classifier's graph. */
  readonly modelPath: string;
}

const { modelPath, ...options } = workerData as ObservationRequest;
const model = observationModel({ ...options, classifier: decodeModel(readFileSync(modelPath)) });
parentPort?.postMessage(model, [model.buffer]);
