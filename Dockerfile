# syntax=docker/dockerfile:1
# docker build --build-arg VERSION="$(git describe --tags --always)" -t vitrine .
# docker run -p 8080:8080 -v vitrine:/var/lib/vitrine vitrine

FROM golang:1.26-trixie AS source
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .

# The portal's tables are generated from the server's.
FROM source AS descriptors
RUN go run ./tools/descriptors >/descriptors.ts

FROM node:22-trixie-slim AS portal
WORKDIR /src/web/portal
COPY web/portal/package.json web/portal/package-lock.json web/portal/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY docs/search.md /src/docs/search.md
COPY web/portal ./
COPY --from=descriptors /descriptors.ts src/api/generated/descriptors.ts
RUN npm run build

FROM source AS server
COPY --from=portal /src/web/portal/dist web/portal/dist
RUN apt-get update && apt-get install -y --no-install-recommends libvips-dev libwebp-dev pkg-config
ARG VERSION=container
RUN go build -tags vips -trimpath -ldflags "-s -w -X vitrine/cmd/vitrine/cli.version=$VERSION" -o /vitrine ./cmd/vitrine

FROM debian:trixie-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libvips42t64 libwebp-dev \
    bubblewrap ffmpeg poppler-utils librsvg2-bin libimage-exiftool-perl ghostscript libraw-bin \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/vitrine --create-home vitrine
COPY --from=server /vitrine /usr/local/bin/vitrine
USER vitrine
ENV VITRINE_LISTEN=:8080 VITRINE_DATA=/var/lib/vitrine VITRINE_LOG_FORMAT=json
VOLUME /var/lib/vitrine
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["vitrine", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["vitrine"]
CMD ["serve"]
