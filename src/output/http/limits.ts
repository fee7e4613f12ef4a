/** What one caller may take up, so that no caller keeps others or the daemon from working. */
export const limits = {
  /** Open connections; further ones are closed at once. */
  connections: 64,
  fastify: {
    /** Bytes; the largest body that means anything is under 100. */
    bodyLimit: 4096,
    /** Milliseconds for a whole request to arrive. */
    requestTimeout: 10_000,
    /** Milliseconds that a connection may be silent. */
    connectionTimeout: 15_000,
    keepAliveTimeout: 5_000,
    /** So that a stop need not wait for a browser that keeps its connection. */
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    http: {
      /** Bytes of all headers together. */
      maxHeaderSize: 8192,
      /** Milliseconds for the headers to arrive. */
      headersTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
    },
  },
} as const;
