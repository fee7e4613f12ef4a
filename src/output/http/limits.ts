/** What one caller may take up, so that no caller keeps others or the daemon from working. */
export const limits = {
  /** Open connections; beyond them the longest idle go. */
  connections: { all: 256, perAddress: 32, atOnce: 1024 },
  /** Connections that the system keeps until they are accepted; what comes beyond waits a second to come again. */
  backlog: 2048,
  fastify: {
    /** Bytes; the largest body that means anything is under 100. */
    bodyLimit: 4096,
    /** Milliseconds for a whole request to arrive. */
    requestTimeout: 5_000,
    /** Milliseconds that a connection may be silent. */
    connectionTimeout: 15_000,
    keepAliveTimeout: 5_000,
    /** So that a stop need not wait for a browser that keeps its connection. */
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    http: {
      /** Bytes of all headers together. */
      maxHeaderSize: 8192,
      /** Milliseconds for the headers to arrive; they fit in a few packets. */
      headersTimeout: 2_000,
      connectionsCheckingInterval: 500,
    },
  },
} as const;
