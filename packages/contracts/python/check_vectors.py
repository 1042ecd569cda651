#!/usr/bin/env python3
"""Runs the test vectors of every version of the contract with python3-jsonschema: a second language, a second
validator, the same answers. Needs nothing but jsonschema 4 (Debian: python3-jsonschema) and no network: all
references resolve inside bundle.json.

    python3 check_vectors.py [folder of the package]

Prints each failure and `N passed, N failed`; exit status 0 only if everything passed and something ran.
"""

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

CATEGORIES = {
    "required": "missing_field",
    "type": "wrong_type",
    "const": "wrong_value",
    "enum": "wrong_value",
    "minimum": "out_of_range",
    "maximum": "out_of_range",
    "minLength": "wrong_length",
    "maxLength": "wrong_length",
    "maxItems": "wrong_length",
    "pattern": "wrong_format",
    "uniqueItems": "duplicate_item",
}


def make_validators(bundle):
    """A validator for each schema of the bundle, by its name."""
    schemas = bundle["$defs"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    by_id = {schema["$id"]: schema for schema in schemas.values()}
    return {name: Draft202012Validator(schema, **resolution(schema, by_id)) for name, schema in schemas.items()}


def resolution(schema, by_id):
    """How to resolve references offline: a Registry since jsonschema 4.18, a RefResolver before."""
    try:
        from referencing import Registry, Resource
    except ImportError:
        from jsonschema import RefResolver

        return {"resolver": RefResolver(base_uri=schema["$id"], referrer=schema, store=by_id)}
    return {"registry": Registry().with_resources((uri, Resource.from_contents(s)) for uri, s in by_id.items())}


def leaves(error):
    """The errors at the bottom: of an anyOf, what its branches say."""
    if not error.context:
        yield error
    for inner in error.context:
        yield from leaves(inner)


def refusals(validator, value):
    """What is wrong with a value, as a set of (category, dotted path)."""
    found = set()
    for error in (leaf for top in validator.iter_errors(value) for leaf in leaves(top)):
        path = [str(step) for step in error.absolute_path]
        category = CATEGORIES.get(error.validator, error.validator)
        missing = [name for name in error.validator_value if name not in error.instance] if category == "missing_field" else [None]
        found.update((category, ".".join(path + ([name] if name else []))) for name in missing)
    return found


def check_value(validator, vector):
    """None when the vector holds, else what was found instead."""
    found = refusals(validator, vector["data"])
    if vector["valid"]:
        return f"refused: {sorted(found)}" if found else None
    if not found:
        return "accepted"
    return None if (vector["error"], vector["field"]) in found else f"refused for another reason: {sorted(found)}"


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def answer_to(validators, text):
    """What Bucket answers to a body, checks in the order of CONTRACT A1; None when it takes the event."""
    try:
        body = json.loads(text, parse_constant=refuse_constant)
    except ValueError:
        return "invalid_json"
    if refusals(validators["write-event-envelope"], body):
        return "invalid_envelope"
    if body["requester_id"] != "bhiv_core":
        return "requester_not_allowed"
    return "invalid_event" if refusals(validators["event-data"], body["event_data"]) else None


def check_text(validators, vector):
    answer = answer_to(validators, vector["text"])
    return None if answer == vector.get("error") else f"answered {answer}"


def run(schemas, vectors):
    """Runs one version of the contract or of a format; yields (vector, what went wrong or None)."""
    validators = make_validators(json.loads((schemas / "bundle.json").read_text("utf-8")))
    for name, validator in sorted(validators.items()):
        for vector in json.loads((vectors / f"{name}.json").read_text("utf-8")):
            yield f"{vectors.name}/{name}: {vector['description']}", check_value(validator, vector)
    texts = vectors / "text" / "write-event-request.json"
    for vector in json.loads(texts.read_text("utf-8")) if texts.exists() else []:
        yield f"{vectors.name}/text: {vector['description']}", check_text(validators, vector)


def main():
    package = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    passed = failed = 0
    for schemas in sorted(path for path in (package / "schemas").iterdir() if path.is_dir()):
        for name, problem in run(schemas, package / "vectors" / schemas.name):
            if problem is None:
                passed += 1
            else:
                failed += 1
                print(f"FAIL {name}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
