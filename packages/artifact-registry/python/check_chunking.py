#!/usr/bin/env python3
"""Cuts the inputs of vectors/chunking.json by the rule of docs/manifest.md, in another language than the product.

    python3 packages/artifact-registry/python/check_chunking.py
"""

import hashlib
import json
import struct
import sys
from pathlib import Path

TABLE = [
    word
    for group in range(32)
    for word in struct.unpack(">8I", hashlib.sha256(f"bhiv gear {group}".encode()).digest())
]


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def input_bytes(recipe):
    parts = b"".join(part_bytes(part) for part in recipe["parts"])
    header = recipe.get("safetensors_header")
    if header is None:
        return parts
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    return struct.pack("<Q", len(text)) + text + parts


def part_bytes(part):
    if "shake256" in part:
        return hashlib.shake_256(part["shake256"].encode()).digest(part["bytes"])
    return bytes([part["repeated"]]) * part["bytes"]


def tensor_cuts(data, header, least):
    """Behind the header, and around each tensor that is not small."""
    if header is None:
        return []
    start = 8 + struct.unpack("<Q", data[:8])[0]
    cuts = {start}
    for name, tensor in header.items():
        begin, end = (0, 0) if name == "__metadata__" else tensor["data_offsets"]
        if end - begin >= least:
            cuts |= {start + begin, start + end}
    return sorted(cut for cut in cuts if 0 < cut < len(data))


def chunk_end(data, start, limit, least, bits):
    first = start + least
    if first >= limit:
        return limit
    value = 0
    for at in range(first - 32, limit):
        value = ((value << 1) + TABLE[data[at]]) & 0xFFFFFFFF
        if at >= first - 1 and value >> (32 - bits) == 0:
            return at + 1
    return limit


def chunks(data, parameters, cuts):
    start = 0
    while start < len(data):
        region = next((cut for cut in cuts if cut > start), len(data))
        limit = min(region, start + parameters["maxBytes"])
        end = chunk_end(data, start, limit, parameters["minBytes"], parameters["maskBits"])
        yield {"offset": start, "length": end - start, "digest": sha256(data[start:end])}
        start = end


def main():
    path = Path(__file__).resolve().parent.parent / "vectors" / "chunking.json"
    pinned = json.loads(path.read_text("utf-8"))
    failed = [] if sha256(struct.pack(">256I", *TABLE)) == pinned["gear_table_digest"] else ["the table"]
    for vector in pinned["vectors"]:
        data = input_bytes(vector["input"])
        cuts = tensor_cuts(data, vector["input"].get("safetensors_header"), vector["parameters"]["minBytes"])
        found = list(chunks(data, vector["parameters"], cuts))
        if sha256(data) != vector["digest"] or found != vector["chunks"]:
            failed.append(vector["description"])
    for description in failed:
        print(f"FAIL {description}")
    print(f"{len(pinned['vectors'])} vectors, {len(failed)} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
