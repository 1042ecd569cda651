"""An old Core: the client that Cores in the field carry, with nothing but the standard library.

Usage: python3 old_core.py http://127.0.0.1:8001

Sends what old Cores send (CONTRACT A1, the four habits, and what a Bucket must refuse), waits for its threads,
then reads. Prints one JSON line for each request: {"case", "sent", "status", "answer"}; "sent" is the exact text
of event_data, "status" is null where no answer came.
"""

import json
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

TIMEOUT = 2.0  # seconds


class BucketClient:
    """Fire and forget: each write has a thread of its own, and no error ever reaches the caller."""

    def __init__(self, base_url, report):
        self.base_url = base_url
        self.report = report
        self.threads = []

    def write_event(self, case, event_data, requester_id="bhiv_core"):
        self.write_text(case, json.dumps(event_data), requester_id)

    def write_text(self, case, event_text, requester_id="bhiv_core"):
        body = '{"requester_id": %s, "event_data": %s}' % (json.dumps(requester_id), event_text)
        thread = threading.Thread(target=self._post, args=(case, event_text, body))
        thread.start()
        self.threads.append(thread)

    def _post(self, case, event_text, body):
        request = urllib.request.Request(
            self.base_url + "/core/write-event",
            data=body.encode("utf-8"),
            headers={"Content-Type": "application/json"},
        )
        self._send(case, event_text, request)

    def read_context(self, case, **query):
        url = self.base_url + "/core/read-context?" + urllib.parse.urlencode(query)
        return self._send(case, None, urllib.request.Request(url))

    def _send(self, case, sent, request):
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                status, text = response.status, response.read().decode("utf-8")
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode("utf-8")
        except OSError:
            status, text = None, "null"
        self.report({"case": case, "sent": sent, "status": status, "answer": json.loads(text)})

    def wait(self):
        for thread in self.threads:
            thread.join()
        self.threads = []


def main(base_url):
    lock = threading.Lock()

    def report(line):
        with lock:
            print(json.dumps(line), flush=True)

    bucket = BucketClient(base_url, report)

    # Habit 1: no timestamp; and one of its own format, which is kept.
    bucket.write_event("no timestamp", {"event_type": "task_started", "agent_id": "old_agent"})
    bucket.write_event(
        "odd timestamp",
        {"event_type": "task_started", "agent_id": "old_agent", "timestamp": "22/11/26 half past three"},
    )
    # Habit 2: fields that no table names, at every level; numbers and the order of keys survive.
    bucket.write_event(
        "unknown fields",
        {
            "zeta": 12345678901234567890,
            "event_type": "rl_outcome",
            "alpha": 1.0,
            "agent_id": "old_agent",
            "reward": 0.5,
            "metadata": {"z": -0.0, "a": 1e100, "text": "Grüße ☃", "deep": {"2": 2, "1": [1.0, 10]}},
        },
    )
    # Habit 3: results without the fields of the table, with a status of the agent's own, nested.
    bucket.write_event(
        "free result",
        {
            "event_type": "agent_result",
            "task_id": "t1",
            "agent_id": "old_agent",
            "result": {"status": "success", "result": {"answer": 42, "result": None}},
        },
    )
    bucket.write_event(
        "empty result",
        {"event_type": "agent_result", "task_id": "t2", "agent_id": "old_agent", "result": {}},
    )
    # Habit 4: a null stands for "not there".
    bucket.write_event(
        "nulls",
        {"event_type": "task_error", "task_id": "t3", "agent_id": "old_agent", "error": "x", "input_type": None},
    )
    bucket.write_event("null timestamp", {"event_type": "note", "timestamp": None, "agent_id": None})
    # Text that Python's json module would not write, and other languages do.
    bucket.write_text(
        "escapes and duplicates",
        '{ "event_type" : "n\\u006fte", "timestamp":"first", "timestamp":"second", "requester_id":"me",\t"x":1E+2 }',
    )
    bucket.wait()

    # What a Bucket refuses.
    bucket.write_event("wrong requester", {"event_type": "note"}, requester_id="someone_else")
    bucket.write_event("NaN", {"event_type": "rl_outcome", "agent_id": "a", "reward": float("nan")})
    bucket.write_event("reward is text", {"event_type": "rl_outcome", "agent_id": "a", "reward": "high"})
    bucket.write_event("no agent", {"event_type": "rl_outcome", "reward": 1})
    bucket.write_event("null reward", {"event_type": "rl_outcome", "agent_id": "a", "reward": None})
    bucket.write_text("not an object", '["event_type"]')
    bucket.write_text("too big", json.dumps({"event_type": "note", "text": "x" * (1024 * 1024)}))
    bucket.wait()

    bucket.read_context("context", agent_id="old_agent", requester_id="bhiv_core")
    bucket.read_context("context of nobody", agent_id="nobody", requester_id="bhiv_core")
    bucket.read_context("context for a stranger", agent_id="old_agent", requester_id="someone_else")
    bucket.read_context("context without agent", requester_id="bhiv_core")


if __name__ == "__main__":
    main(sys.argv[1])
