"""gunicorn's settings, for `make run` and for the container alike.

Threads, because a recruiter's 30 MB over a slow line must not hold up the pages of the others. A thread that waits for
an upload is no stuck worker: `timeout` concerns the process, which answers for itself. Which proxies may speak for a
client's address is gunicorn's own FORWARDED_ALLOW_IPS; nothing is trusted beyond its default here.
"""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 15
keepalive = 5
max_requests = 5000  # a leak stays small
max_requests_jitter = 500
accesslog = "-" if os.environ.get("ACCESS_LOG") else None
control_socket_disable = True  # it would stand in the home folder of whoever starts the site
proc_name = "candid-web"
