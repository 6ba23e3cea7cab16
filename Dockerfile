# The same steps as on a desk: `make setup` brings the pinned packages and the face models, hash-checked.
FROM python:3.12-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /candid
COPY Makefile requirements.txt ./
COPY tools tools
COPY detector detector
RUN make setup
COPY manage.py pyproject.toml LICENSE* ./
COPY deploy deploy
COPY templates templates
COPY static static
COPY vetting vetting
COPY docs docs
# Made-up values: nothing is connected to, and none of them stays in the image.
RUN CANDID_PRODUCTION=1 CANDID_STATIC=/candid/collected SECRET_KEY=only-while-building ALLOWED_HOSTS=localhost \
    .venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && .venv/bin/python -m compileall -q detector vetting

FROM python:3.12-slim-bookworm
RUN groupadd --gid 10001 candid && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp candid \
    && install -d -o candid -g candid -m 0700 /var/lib/candid
COPY --from=build /candid /candid
WORKDIR /candid
ENV PATH=/candid/.venv/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    CANDID_PRODUCTION=1 CANDID_VAR=/var/lib/candid CANDID_STATIC=/candid/collected HOST=0.0.0.0 PORT=8000
USER 10001:10001
VOLUME /var/lib/candid
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["python", "deploy/healthcheck.py", "web"]
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "vetting.wsgi"]
