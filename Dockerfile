# syntax=docker/dockerfile:1

# docker build -t cyberprofiles .
# docker run -p 127.0.0.1:8000:8000 -v cyberprofiles:/data --read-only cyberprofiles
#
# Both images are named by tag. For a build that can be repeated to the byte, name them by digest as well:
# `docker buildx imagetools inspect rust:1.95-slim-bookworm` prints it, and the line becomes
# `FROM rust:1.95-slim-bookworm@sha256:… AS build`. The tag then only says to people what it is.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
# What .dockerignore lets through: the sources, and the data that is bundled.
COPY . .
# What was fetched and compiled stays in the caches of the builder; only the program leaves them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --bin cyberprofiles \
 && install -D target/release/cyberprofiles /out/cyberprofiles \
 && mkdir /out/data

# No shell, no package manager; the C library, certificates and the user `nonroot` (65532) are all there is.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="cyberprofiles" \
      org.opencontainers.image.description="Country profiles on cybercrime and electronic evidence as a GraphQL service" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /out/cyberprofiles /usr/local/bin/cyberprofiles
# The one place that is written to: a new volume takes its owner from here.
COPY --from=build --chown=65532:65532 /out/data /data
ENV CYBERPROFILES_LISTEN=0.0.0.0:8000 \
    CYBERPROFILES_DATABASE_URL=sqlite:///data/cyberprofiles.db
# Also where SQLite sorts what does not fit into memory, where the rest cannot be written to.
WORKDIR /data
VOLUME /data
USER 65532:65532
EXPOSE 8000
# No HEALTHCHECK: there is nothing in here to ask with. Let the orchestrator ask /livez and /readyz.
ENTRYPOINT ["/usr/local/bin/cyberprofiles"]
CMD ["serve"]
