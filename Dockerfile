# The same steps as `make run` with a token: pinned dependencies, then `python -m bot run`.

FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv .venv
COPY requirements.txt ./
RUN .venv/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check --require-hashes \
    --requirement requirements.txt
COPY bot/ bot/
COPY inference/ inference/
# The image runs with a read-only root, so the byte code is written now.
RUN .venv/bin/python -m compileall -q bot inference

FROM python:3.13-slim
# pg_dump and pg_restore, for backups of PostgreSQL.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
# Numbers, so that Kubernetes can see that it is not root.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin lentigo \
    && install -d -o 10001 -g 10001 -m 700 /data
WORKDIR /app
COPY LICENSE ./
COPY models/ models/
COPY content/ content/
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    DATA_DIR=/data \
    WEB_HOST=0.0.0.0 \
    WEB_PORT=8081
USER 10001:10001
VOLUME /data
EXPOSE 8081
# It asks this container itself, whatever HTTP_PROXY says.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import os; from urllib.request import ProxyHandler, build_opener; \
    build_opener(ProxyHandler({})).open(f'http://127.0.0.1:{os.environ[\"WEB_PORT\"]}/healthz', timeout=4)"]
# It brings the database up to date first.
CMD ["python", "-m", "bot", "run"]
