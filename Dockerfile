# Base image and package index are arguments, to allow a mirror or another registry.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
# pip reads a negated option the other way round: 0 is --no-compile.
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_COMPILE=0
RUN apt-get update -qq && apt-get install -qq --yes --no-install-recommends binutils
RUN python -m venv /opt/mirage
COPY requirements/base.txt requirements/build.txt /src/requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/mirage/bin/pip install --require-hashes -r /src/requirements/base.txt \
 && python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes -r /src/requirements/build.txt
COPY pyproject.toml README.md LICENSE /src/
COPY docker /src/docker
COPY mirage /src/mirage
RUN cd /src \
 && /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
 && /opt/mirage/bin/pip install --no-deps --no-index /wheel/*.whl \
 && /src/docker/slim.sh /opt/mirage \
 && /opt/mirage/bin/pip uninstall --yes pip \
 && find /opt/mirage -name __pycache__ -prune -exec rm -r {} + \
 && PYTHONDONTWRITEBYTECODE=1 /opt/mirage/bin/mirage version
# Two builds of one commit are the same image: bytecode without times of files and without the order
# of a random hash, and all files with the time of the commit.
ARG SOURCE_DATE_EPOCH=0
RUN PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0 /opt/mirage/bin/python /src/docker/bytecode.py \
 && mkdir -p /out/opt && mv /opt/mirage /out/opt/mirage \
 && find /out -exec touch --no-dereference --date=@${SOURCE_DATE_EPOCH} {} +

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="miRAGe" \
      org.opencontainers.image.description="Exact, cited passages out of your own documents" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/mirage-rag/mirage"
# Of the commit that is built; `make image` sets them.
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /out/ /
ENV PATH=/opt/mirage/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp
# Numeric, so that Kubernetes can check that it is not root.
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
ENTRYPOINT ["mirage"]
CMD ["api"]
