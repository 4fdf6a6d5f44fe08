# The published image: the binaries that were built and attested before, one folder a kind of machine.
FROM alpine:3.22
ARG TARGETARCH
# A CI system's checkout belongs to another user than the one here, and git would refuse to read it.
RUN apk add --no-cache git=~2 && adduser -D -u 65532 supaform && git config --system --add safe.directory '*'
COPY --chmod=755 ${TARGETARCH}/supaform /usr/local/bin/supaform
USER 65532:65532
WORKDIR /workspace
CMD ["supaform", "--help"]
