# Two images: `web` without torch, `worker` with it. Both run as a plain user and keep
# what they store in /data.
#
#   docker build --target web --tag readerstudy-web .
#   docker build --target worker --tag readerstudy-worker .
#
# The second takes torch with CUDA from the default package index; name PyTorch's CPU
# index with --build-arg TORCH_INDEX_URL=... for a smaller one.

FROM python:3.11-slim-bookworm AS python
# The plain user may write no bytecode beside the packages, so it is made with them.
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    UV_COMPILE_BYTECODE=1 \
    READERSTUDY_VENV=/opt/readerstudy \
    PATH=/opt/readerstudy/bin:$PATH

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
USER readerstudy

FROM site AS web
COPY --from=web-packages /opt/readerstudy /opt/readerstudy
EXPOSE 8000
CMD ["gunicorn", "readerstudy.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", \
     "--threads", "4", "--preload", "--access-logfile", "-"]

FROM site AS worker
COPY --from=worker-packages /opt/readerstudy /opt/readerstudy
# One process: a fork after CUDA has started fails, and the model fills the device.
CMD ["celery", "--app", "readerstudy", "worker", "--pool", "solo", \
     "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
