# One image for every app: `APP=two-factor`, `APP=gateway`, …; standalone unless told.
ARG BASE_IMAGE=node:24-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY apps apps
COPY libs libs
# what production runs: no specs, no test code
RUN find apps libs -name '*.spec.ts' -delete \
 && find apps libs -type d -name testing -prune -exec rm -r {} + \
 && node scripts/build/client-calls.mjs \
 && node node_modules/typescript/bin/tsc -p . --incremental false --sourceMap false \
 && node scripts/build/bundle.mjs \
 && node scripts/build/console-types.mjs \
 && node node_modules/vite/bin/vite.js build apps/console \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${BASE_IMAGE}
WORKDIR /app
ENV NODE_ENV=production APP=standalone HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/scripts/app.mjs scripts/
# the command line: docker exec CONTAINER twinlock doctor
RUN ln -s /app/dist/bin/twinlock.js /usr/local/bin/twinlock && mkdir /data && chown 10001:10001 /data
USER 10001:10001
VOLUME /data
EXPOSE 3000
# whether the process is well: one that waits for Kafka or MongoDB is not to be restarted for it
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "scripts/app.mjs"]
