# The scheduled service: the same locked packages and the same tree as on a bare machine.
FROM python:3.11.14-slim-bookworm AS packages
ENV PYTHONDONTWRITEBYTECODE=
WORKDIR /srv/lumbung
COPY requirements.txt requirements-bootstrap.txt ./
COPY scripts/setup.sh scripts/setup.sh
RUN sh scripts/setup.sh run

# Superset, with the packages and the command of `make superset`.
FROM python:3.11.14-slim-bookworm AS superset-packages
ENV PYTHONDONTWRITEBYTECODE=
WORKDIR /srv/lumbung
COPY requirements-superset.txt requirements-bootstrap.txt ./
COPY scripts/setup.sh scripts/setup.sh
RUN sh scripts/setup.sh superset

FROM python:3.11.14-slim-bookworm AS superset
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin lumbung \
    && install -d -o lumbung -g lumbung /srv/lumbung \
    && install -d -o lumbung -g lumbung -m 0700 /var/lib/superset /run/reader-secret
WORKDIR /srv/lumbung
COPY --from=superset-packages /srv/lumbung/.venv-superset .venv-superset
COPY bi bi
COPY portal/words.yml portal/words.yml
USER lumbung
ENV PATH=/srv/lumbung/.venv-superset/bin:$PATH \
    PYTHONPATH=/srv/lumbung \
    HOME=/var/lib/superset \
    LUMBUNG_SUPERSET_HOME=/var/lib/superset \
    SCARF_ANALYTICS=false
VOLUME /var/lib/superset
EXPOSE 8088
CMD ["python", "-m", "bi.serve", "--host", "0.0.0.0"]

FROM python:3.11.14-slim-bookworm AS service
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin lumbung \
    && install -d -o lumbung -g lumbung /srv/lumbung /var/lib/lumbung \
    && install -d -o lumbung -g 999 -m 0750 /run/postgres-secret
RUN install -d -o lumbung -g lumbung -m 0700 /run/reader-secret
WORKDIR /srv/lumbung
COPY --from=packages /srv/lumbung/.venv .venv
COPY bi bi
COPY dags dags
COPY dbt dbt
COPY expectations expectations
COPY gallery gallery
COPY ingest ingest
COPY lumbung lumbung
COPY portal portal
COPY release release
COPY service service
COPY serving serving
COPY requirements.txt profiles.yml pyproject.toml ./
USER lumbung
ENV PATH=/srv/lumbung/.venv/bin:$PATH \
    PYTHONPATH=/srv/lumbung \
    LUMBUNG_HOME=/var/lib/lumbung \
    AIRFLOW_HOME=/var/lib/lumbung/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/srv/lumbung/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False \
    AIRFLOW__CORE__EXECUTOR=LocalExecutor \
    AIRFLOW__CORE__PARALLELISM=4 \
    DO_NOT_TRACK=1 \
    DBT_SEND_ANONYMOUS_USAGE_STATS=False \
    GX_ANALYTICS_ENABLED=False \
    SCARF_ANALYTICS=false \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
VOLUME /var/lib/lumbung
EXPOSE 8080 8090
CMD ["python", "-m", "airflow", "scheduler", "--skip-serve-logs"]
