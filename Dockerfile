# syntax=docker/dockerfile:1
# edge-cls for CPU and Vulkan:    docker build -t edge-cls .
# edge-cls for NVIDIA with CUDA:  docker build -t edge-cls:cuda --build-arg VARIANT=cuda .
ARG VARIANT=cpu

FROM node:22-bookworm-slim AS build
ARG VARIANT
WORKDIR /opt/edge-cls
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# The steps of scripts/setup.sh; ffmpeg belongs to the image that runs. The packages of the
# tests and of the compiler go again.
ENV EDGE_CLS_FFMPEG=/usr/bin/ffmpeg
COPY . .
RUN scripts/setup.sh \
 && npm prune --omit=dev --no-fund --no-audit \
 && if [ "$VARIANT" = cuda ]; then ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js; fi

FROM node:22-bookworm-slim AS base-cpu

FROM nvidia/cuda:12.6.3-cudnn-runtime-ubuntu24.04 AS base-cuda
COPY --from=build /usr/local/bin/node /usr/local/bin/node
# The driver's libraries for decoding come in with "video".
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility,video

# hadolint ignore=DL3006
FROM base-${VARIANT} AS run
# Versions are those of the distribution that the base image pins.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates ffmpeg fonts-dejavu-core tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin edge-cls \
 && install -d -o edge-cls -g edge-cls -m 0700 /var/lib/edge-cls \
 && install -d /etc/edge-cls
COPY --from=build /opt/edge-cls/package.json /opt/edge-cls/LICENSE /opt/edge-cls/
COPY --from=build /opt/edge-cls/node_modules /opt/edge-cls/node_modules
COPY --from=build /opt/edge-cls/models /opt/edge-cls/models
COPY --from=build /opt/edge-cls/samples /opt/edge-cls/samples
COPY --from=build /opt/edge-cls/config /opt/edge-cls/config
COPY --from=build /opt/edge-cls/dist /opt/edge-cls/dist
COPY config/edge-cls.yaml /etc/edge-cls/config.yaml
COPY docker/ready.mjs /opt/edge-cls/docker/ready.mjs

# Nothing but /var/lib/edge-cls and /tmp is written to: run it with --read-only --tmpfs /tmp.
# The token itself is in none of these: its variable names a file.
# hadolint ignore=DL3064
ENV NODE_ENV=production \
    STATE_DIRECTORY=/var/lib/edge-cls \
    EDGE_CLS_FFMPEG=/usr/bin/ffmpeg \
    EDGE_CLS_HTTP_HOST=0.0.0.0 \
    EDGE_CLS_HTTP_TOKEN_FILE=/run/secrets/http-token
VOLUME ["/var/lib/edge-cls"]
EXPOSE 9528
USER 10001:10001
# Process 1 reaps the decoders of a daemon that was killed.
ENTRYPOINT ["tini", "-g", "--", "node", "--single-threaded-gc", "/opt/edge-cls/dist/main.js"]
CMD ["run", "--config", "/etc/edge-cls/config.yaml"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=300s --start-interval=5s --retries=3 \
  CMD ["node", "/opt/edge-cls/docker/ready.mjs"]
