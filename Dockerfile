# Images: `web` without torch, `worker` with it, `proxy` for TLS, `object-store` for
# radiographs. All run as a plain user whose root file system may be read-only; what
# they store lies in /data.
#
#   docker build --target web --tag readerstudy-web .
#   docker build --target worker --tag readerstudy-worker .
#
# The second takes torch with CUDA from the default package index; name PyTorch's CPU
# index with --build-arg TORCH_INDEX_URL=... for a smaller one.
# `python3 requirements/images.py` writes the digests of the images that these begin
# with: docs/how-to/run-with-compose.md.

FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b AS python
# The plain user may write no bytecode beside the packages, so it is made with them.
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    UV_COMPILE_BYTECODE=1 \
    READERSTUDY_VENV=/opt/readerstudy \
    PATH=/opt/readerstudy/bin:$PATH \
    MPLCONFIGDIR=/tmp/matplotlib

FROM python AS web-packages
COPY requirements /build/requirements
RUN python /build/requirements/install.py web \
    && rm -rf /root/.cache "$READERSTUDY_VENV/bin/uv" "$READERSTUDY_VENV/bin/uvx"

FROM python AS worker-packages
ARG TORCH_INDEX_URL=""
COPY requirements /build/requirements
RUN python /build/requirements/install.py worker \
    && rm -rf /root/.cache "$READERSTUDY_VENV/bin/uv" "$READERSTUDY_VENV/bin/uvx"

FROM python AS site
RUN useradd --system --uid 10001 --create-home --home-dir /home/readerstudy readerstudy \
    && install --directory --owner readerstudy --group readerstudy \
        /data /home/readerstudy/.cache
WORKDIR /site
COPY . .
ENV DATA_DIR=/data
VOLUME /data
USER 10001

FROM site AS web
COPY --from=web-packages /opt/readerstudy /opt/readerstudy
EXPOSE 8000
# By name, so that a site without it does not start: it keeps secrets out of the log.
CMD ["gunicorn", "readerstudy.wsgi", "--config", "gunicorn.conf.py", \
     "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--preload", \
     "--access-logfile", "-", "--worker-tmp-dir", "/dev/shm"]

FROM site AS worker
COPY --from=worker-packages /opt/readerstudy /opt/readerstudy
# One process: a fork after CUDA has started fails, and the model fills the device.
CMD ["celery", "--app", "readerstudy", "worker", "--pool", "solo", \
     "--loglevel", "INFO", "--without-gossip", "--without-mingle"]

FROM caddy:2.11-alpine@sha256:881bbc60f9986d5ab8e7cfd6cf7e4ef3c9c0439fef2429d035d065577882f028 AS proxy
# The binary comes with a capability of its own, and may not be started at all where all
# are dropped. A copy has none; the ports below 1024 are open to it by a setting of the
# container (docker-compose.yml).
RUN cp /usr/bin/caddy /usr/bin/caddy.plain \
    && mv /usr/bin/caddy.plain /usr/bin/caddy \
    && addgroup -S -g 10001 proxy \
    && adduser -S -u 10001 -G proxy proxy \
    && chown -R proxy:proxy /data /config
COPY deploy/Caddyfile /etc/caddy/Caddyfile
USER 10001
EXPOSE 80 443
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]

FROM chrislusf/seaweedfs:4.48@sha256:4e61d15fd35994cb1e43e1e553dff106794841fd9a99ade2fc8c8bfce4d7872d AS object-store
USER 0
RUN addgroup -S -g 10001 store \
    && adduser -S -u 10001 -G store store \
    && mkdir -p /data \
    && chown -R store:store /data
USER 10001
EXPOSE 8333
ENTRYPOINT ["weed"]
CMD ["server", "-dir", "/data", "-s3"]
