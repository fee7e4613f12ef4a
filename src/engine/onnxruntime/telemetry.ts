/**
 * Official builds of onnxruntime from 1.29 on tell Microsoft about each process, session, model (name, hashes) and error,
 * and keep an identifier of the machine below ~/.cache/Microsoft. This switches all of it off; the API (which the binding
 * for Node.js lacks) could only do so after the first report. It must be set on the main thread, since a worker changes but
 * its own copy, and before the first session.
 *
 * Reference: https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
