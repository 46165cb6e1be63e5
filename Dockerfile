# The reference server, and nothing else: no shell, no libraries, no root.
#
#   make build && docker build -t scimproof .
#   docker run --rm -p 127.0.0.1:8080:8080 scimproof
#
# BINARY must be a static Linux binary, as `make build` makes it there.
# Inside a container the server has to listen on every address, which serve
# does only with --insecure: it is a test server and speaks plain HTTP.
FROM scratch
ARG BINARY=bin/scimproof
COPY ${BINARY} /scimproof
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/scimproof"]
CMD ["serve", "--listen", "0.0.0.0:8080", "--insecure"]
