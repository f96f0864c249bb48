"""The yardstick of the inbox: a bare aiohttp handler that parses the body and answers. It stores and checks nothing."""

from __future__ import annotations

import sys

import orjson
from aiohttp import web

from benchmarks.loops import loop_factory


async def mo(request: web.Request) -> web.Response:
    """Parse and answer."""
    got = orjson.loads(await request.read())
    return web.Response(body=orjson.dumps({"status": "accepted", "id": got["id"]}), content_type="application/json")


if __name__ == "__main__":
    app = web.Application()
    app.router.add_post("/webhooks/http/mo", mo)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None, loop=loop_factory()())
