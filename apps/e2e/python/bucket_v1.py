"""A Bucket as it was first written: v1.0 of the contract (part A), in memory, on FastAPI and uvicorn.

Usage: python3 bucket_v1.py [--cannot-store]

Listens on a free port of 127.0.0.1 and prints its URL. With --cannot-store it answers every write 200 with
{"success": false, ...}, as Buckets in the field do.
"""

import socket
import sys
from datetime import datetime, timezone
from typing import Any, Dict

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

REQUESTER = "bhiv_core"


class WriteEvent(BaseModel):
    requester_id: str
    event_data: Dict[str, Any]


def create_app(can_store: bool) -> FastAPI:
    app = FastAPI()
    events = []

    def require(requester_id: str) -> None:
        if requester_id != REQUESTER:
            raise HTTPException(status_code=403, detail="Unauthorized requester")

    @app.post("/core/write-event")
    async def write_event(body: WriteEvent):
        require(body.requester_id)
        if not can_store:
            return {"success": False, "message": "Could not store event"}
        received = datetime.now(timezone.utc).isoformat()
        events.append({"timestamp": received, "requester_id": body.requester_id, **body.event_data})
        return {"success": True, "message": "Event received"}

    @app.get("/core/read-context")
    async def read_context(agent_id: str, requester_id: str):
        require(requester_id)
        mine = [event for event in events if event.get("agent_id") == agent_id]
        if not mine:
            return {"success": True, "context": None}
        context = {
            "agent_id": agent_id,
            "event_count": len(mine),
            "last_updated": mine[-1]["timestamp"],
            "recent_event_types": list(dict.fromkeys(event["event_type"] for event in mine[-10:])),
        }
        return {"success": True, "context": context}

    @app.get("/core/events")
    async def read_events(limit: int = 100):
        newest = events[-limit:]
        return {"events": newest, "count": len(events), "showing": len(newest)}

    @app.get("/core/stats")
    async def stats():
        agents = list(dict.fromkeys(event["agent_id"] for event in events if event.get("agent_id")))
        numbers = {"total_events": len(events), "agents_with_context": len(agents), "tracked_agents": agents}
        return {"stats": numbers, "integration_status": "active"}

    return app


def main() -> None:
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    app = create_app(can_store="--cannot-store" not in sys.argv)
    config = uvicorn.Config(app, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
