# A small image of the exporter, for linux/amd64 and linux/arm64:
#
#   docker build --build-arg REVISION="$(git rev-parse --short=12 HEAD)" -t density-exporter .
#   docker run --rm -p 10036:10036 --read-only --cap-drop ALL density-exporter demo
#
# scripts/verify-image builds this file for its own machine with buildah, on stand-ins for both bases, and runs the
# result. Not tried: the bases themselves, Docker and BuildKit, and building for the other architecture.

# The compiler runs on the machine that builds, and compiles for the machine that runs: nothing is emulated.
FROM --platform=$BUILDPLATFORM rust:1.95-slim-bookworm AS build
ARG BUILDPLATFORM
ARG TARGETPLATFORM
SHELL ["/bin/bash", "-o", "errexit", "-o", "nounset", "-o", "pipefail", "-c"]
# What can be compiled for: a Rust target, and its C compiler for the cryptography.
# hadolint ignore=DL3008
RUN case "$TARGETPLATFORM" in \
        linux/amd64*) target=x86_64-unknown-linux-gnu gcc=x86_64-linux-gnu package=gcc-x86-64-linux-gnu libc=libc6-dev-amd64-cross ;; \
        linux/arm64*) target=aarch64-unknown-linux-gnu gcc=aarch64-linux-gnu package=gcc-aarch64-linux-gnu libc=libc6-dev-arm64-cross ;; \
        *) echo "not built for $TARGETPLATFORM" >&2; exit 1 ;; \
    esac; \
    if [ "${BUILDPLATFORM%/v*}" != "${TARGETPLATFORM%/v*}" ]; then \
        rustup target add "$target"; \
        apt-get update; \
        apt-get install -y --no-install-recommends "$package" "$libc"; \
        rm -rf /var/lib/apt/lists/*; \
        variable=${target//-/_}; \
        printf 'export %s\n' "CC_$variable=$gcc-gcc" "CARGO_TARGET_${variable^^}_LINKER=$gcc-gcc"; \
    fi >>/target.env; \
    printf 'export CARGO_BUILD_TARGET=%s\n' "$target" >>/target.env
WORKDIR /build
COPY . .
# There is no repository in here to ask; the exporter tells it with --version and density_exporter_build_info.
ARG REVISION=unknown
# hadolint ignore=SC1091
RUN --mount=type=cache,target=/build/target \
    . /target.env; \
    DENSITY_EXPORTER_REVISION=$REVISION cargo build --locked --release --bin density-exporter; \
    cp "target/$CARGO_BUILD_TARGET/release/density-exporter" /density-exporter; \
    scripts/notices "$CARGO_BUILD_TARGET" >/third-party-licences

# glibc, libgcc and the certificate authorities; no shell and no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG REVISION=unknown
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="density-exporter" \
      org.opencontainers.image.description="Prometheus exporter for Density occupancy sensors" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="gcr.io/distroless/cc-debian12:nonroot"
COPY LICENSE /usr/share/doc/density-exporter/copyright
COPY --from=build /third-party-licences /usr/share/doc/density-exporter/third-party-licences
COPY --from=build /density-exporter /usr/bin/density-exporter
# By number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 10036
# Does not depend on Density being up. Kubernetes does not read it.
HEALTHCHECK --interval=30s --timeout=6s --start-period=5s --retries=3 \
    CMD ["/usr/bin/density-exporter", "healthcheck"]
ENTRYPOINT ["/usr/bin/density-exporter"]
