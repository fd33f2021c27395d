"""What Schemathesis is told about Steward: who calls which operation, and what is written down of every call.

The driver says by environment: STEWARD_FUZZ_SERVICE, STEWARD_FUZZ_TOKENS (principal -> access token, a file renewed
while this runs), STEWARD_FUZZ_CA (file of the authority that signed the services' certificates), STEWARD_FUZZ_PREPARED
(operation -> path parameters of things made for it), STEWARD_FUZZ_OWN (file of the ids that are a stranger's own from the
runs before) and STEWARD_FUZZ_RECORD (where the record of the run is written when it ends).
"""

import atexit
import itertools
import json
import os
import re
import threading
import zlib
from pathlib import Path

import requests
import schemathesis
import schemathesis.engine.run.stateful._executor as flow_loop
from hypothesis.errors import Flaky
from schemathesis.checks import CHECKS
from schemathesis.engine import Status
from schemathesis.engine.errors import is_inconsistent_replay

from stranger import Stranger

TOKENS_FILE = os.environ["STEWARD_FUZZ_TOKENS"]
SERVICE = os.environ["STEWARD_FUZZ_SERVICE"]
RECORD_FILE = os.environ["STEWARD_FUZZ_RECORD"]
# Seeded people of one tenant by role. One person for all of `user` and `approver`: flows need the same owner.
PERSON_OF_ROLE = {"user": "bob", "approver": "bob", "admin": "carol", "auditor": "dave", "operator": "erin"}
ID = re.compile(r"\b(?:ws|sess|task|appr|art|evt|inc|pol|sim)_[0-9A-HJKMNP-TV-Z]{26}\b")
EXPLAINED = json.loads((Path(__file__).parent / "explained.json").read_text())
SEEDS = json.loads((Path(__file__).parent / "seeds.json").read_text())
PREPARED = json.loads(os.environ["STEWARD_FUZZ_PREPARED"])
IDS_KEPT = 200
EXAMPLES_KEPT = 3

lock = threading.Lock()
OWN = json.loads(Path(os.environ["STEWARD_FUZZ_OWN"]).read_text())
stranger = Stranger(os.environ["STEWARD_FUZZ_CA"], ID.findall, OWN)
# Ids of things that the first tenant made, in this run.
made_ids = set()
record = {
    "requests": 0,
    "phases": {},
    "flows": 0,
    "operations": {},
    "failures": {},
    "explained": {},
    "ids": {},
    "made": {},
    "strangers": {},
    "strangersOwn": [],
    "checks": [],
}
# Ids in answers that were repeated for an idempotency key.
repeated = set()
turns = {}
unused = itertools.count(1)
# Operations that had a request with a seed's values.
made_sense = set()
tokens = {"read": 0, "all": {}}


def operation_of(case):
    return case.operation.definition.raw.get("operationId", case.operation.label)


def current_tokens():
    """The tokens of the file, read again when it was replaced."""
    written = os.stat(TOKENS_FILE).st_mtime_ns
    with lock:
        if tokens["read"] != written:
            with open(TOKENS_FILE, encoding="utf8") as file:
                tokens.update(read=written, all=json.load(file))
        return tokens["all"]


def principals_for(case):
    """Who may call: people by role; a service where only services may, or where a seed asks for one."""
    roles = case.operation.definition.raw.get("x-access", {}).get("roles", [])
    people = [PERSON_OF_ROLE[role] for role in roles if role in PERSON_OF_ROLE]
    wants_service = SEEDS.get(operation_of(case), {}).get("service", False)
    service = [f"service:{SERVICE}"] if "service" in roles and (wants_service or not people) else []
    return list(dict.fromkeys([*people, *service]))


@schemathesis.auth(cache_by_key=None, refresh_interval=None)
class PrincipalOfTheOperation:
    """The principal whose role the operation asks for; where nobody owns a result, all who may call take turns."""

    def get(self, case, context):
        principals = principals_for(case)
        if not principals:
            return None
        turn = 0
        if "{" not in case.path or any(name.startswith("service:") for name in principals):
            with lock:
                turn = turns[operation_of(case)] = turns.get(operation_of(case), -1) + 1
        name = principals[turn % len(principals)]
        return name, current_tokens()[name]

    def set(self, case, data, context):
        name, token = data
        case.headers["Authorization"] = f"Bearer {token}"
        if name.startswith("service:"):
            case.headers["X-Acting-Tenant"] = "acme"
            case.headers["X-Acting-User"] = "bob"


@schemathesis.hook
def after_call(context, case, response):
    with lock:
        count_request(case)
        statuses = record["operations"].setdefault(operation_of(case), {})
        statuses[str(response.status_code)] = statuses.get(str(response.status_code), 0) + 1
        if 200 <= response.status_code < 300 and len(response.content) < 1_000_000:
            made = response.request.method != "GET"
            for found in ID.findall(response.content.decode("utf8", "replace")):
                kind = found.split("_")[0]
                known = record["ids"].setdefault(kind, {})
                if len(known) < IDS_KEPT:
                    known[found] = True
                if made:
                    record["made"].setdefault(kind, {})[found] = True
                    made_ids.add(found)
                if "idempotency-replayed" in response.headers:
                    repeated.add(found)
    if stranger.may_repeat(case, operation_of(case), response):
        repeat_as_stranger(case, response)


def repeat_as_stranger(case, response):
    try:
        answer, problems = stranger.repeat(case, response, current_tokens(), made_ids)
    except requests.RequestException as error:
        answer, problems = None, [("NoAnswer", str(error))]
    status = "no answer" if answer is None else str(answer.status_code)
    with lock:
        count_request(case, "again by a stranger")
        record["strangers"][status] = record["strangers"].get(status, 0) + 1
    for check, message in problems:
        note(check, f"As a stranger: {message}", case, answer or response)


def count_request(case, phase=None):
    record["requests"] += 1
    phase = phase or (case.meta.phase.name.value if case.meta else "other")
    record["phases"][phase] = record["phases"].get(phase, 0) + 1


@schemathesis.hook
def after_network_error(context, case, request):
    """A request without an answer is a failure, but where a stream has nothing to say yet."""
    operation = operation_of(case)
    quiet = next((r["reason"] for r in EXPLAINED if r["check"] == "NoAnswer" and r["operation"] == operation), None)
    with lock:
        count_request(case)
        statuses = record["operations"].setdefault(operation, {})
        statuses["no answer"] = statuses.get("no answer", 0) + 1
        entry = record["failures" if quiet is None else "explained"].setdefault(
            f"{operation} NoAnswer",
            {"operation": operation, "check": "NoAnswer", "count": 0, "reason": quiet, "examples": []},
        )
        entry["count"] += 1


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Writes the failure down; one that `explained.json` gives the reason for is counted apart and dropped."""
    return note(type(failure).__name__, f"{failure.title}: {failure.message}", case, response)


def note(check, message, case, response):
    """Counts a failure, or its explanation; whether it is a failure."""
    reason = explanation_of(check, case, response)
    kind = "failures" if reason is None else "explained"
    with lock:
        key = f"{operation_of(case)} {check}" + ("" if reason is None else f" {reason}")
        entry = record[kind].setdefault(
            key, {"operation": operation_of(case), "check": check, "count": 0, "reason": reason, "examples": []}
        )
        entry["count"] += 1
        if len(entry["examples"]) < EXAMPLES_KEPT:
            entry["examples"].append(example_of(response, message))
    return reason is None


def explanation_of(check, case, response):
    try:
        answer = json.loads(response.content)
        facts = {"code": answer.get("code"), "field": answer.get("details", {}).get("field")}
    except (ValueError, AttributeError):
        facts = {}
    facts = {**facts, "check": check, "operation": operation_of(case), "status": response.status_code}
    facts["repeated"] = any(found in repeated for found in ID.findall(response.request.url))
    for rule in EXPLAINED:
        if all(facts.get(name) == value for name, value in rule.items() if name != "reason"):
            return rule["reason"]
    return None


@schemathesis.hook
def map_case(context, case):
    """Puts values that only make sense together into most of the valid requests, so that flows get past the start."""
    operation = operation_of(case)
    seed = SEEDS.get(operation, {})
    meta = case.meta
    if (not seed and operation not in PREPARED) or meta is None or not meta.generation.mode.is_positive:
        return case
    # Chosen by the content, so that the same seed of the run gives the same requests; the first of an operation always
    # makes sense, so that success depends on no luck.
    drawn = json.dumps([case.body, case.path_parameters], sort_keys=True, default=str)
    with lock:
        first = operation not in made_sense
        made_sense.add(operation)
    if zlib.crc32(drawn.encode()) % 4 == 0 and not first:
        return case
    if isinstance(case.body, dict):
        case.body = {**{k: v for k, v in case.body.items() if k not in seed.get("without", [])}, **seed.get("with", {})}
    for name in seed.get("withoutQuery", []):
        case.query.pop(name, None)
    case.query.update(seed.get("query", {}))
    # Who was revoked by one request stays revoked: some operations need a subject that no other request has named.
    for name, form in seed.get("unusedQuery", {}).items():
        case.query[name] = form.format(f"{next(unused):026d}")
    case.path_parameters.update(seed.get("path", {}))
    # A flow is about the thing that it made itself.
    with lock:
        if PREPARED.get(operation) and meta.phase.name.value != "stateful":
            case.path_parameters.update(PREPARED[operation].pop(0))
    return case


def example_of(response, message):
    request = response.request
    body = request.body or b""
    return {
        "problem": message[:1500],
        "request": f"{request.method} {request.url}"[:1000],
        "headers": {name: value for name, value in request.headers.items() if name.lower() != "authorization"},
        "body": (body if isinstance(body, str) else body.decode("utf8", "replace"))[:1500],
        "status": response.status_code,
        "answer": response.content.decode("utf8", "replace")[:1000],
    }


judge_suite = flow_loop._classify_suite_error


def go_on_after_inconsistency(exc, *, ctx, engine, state, settings):
    """
    Goes on with the next seed when Hypothesis gives up on a suite of flows because its choices depend on what a service
    answered: the loop would end there without a word, long before the flows that were asked for.
    """
    status, again, events = judge_suite(exc, ctx=ctx, engine=engine, state=state, settings=settings)
    inconsistent = isinstance(exc, Flaky) or is_inconsistent_replay(exc)
    if inconsistent and status in (Status.SUCCESS, Status.FAILURE) and not engine.has_to_stop:
        again = again or ctx.completed_scenarios < settings.max_examples
    return status, again, events


flow_loop._classify_suite_error = go_on_after_inconsistency


class CountedFlows(flow_loop.StatefulContext):
    """Writes down how many flows sent something."""

    def reset_scenario(self):
        if self.current_step_status is not None:
            with lock:
                record["flows"] += 1
        super().reset_scenario()


flow_loop.StatefulContext = CountedFlows


@atexit.register
def write_record():
    with lock, open(RECORD_FILE, "w", encoding="utf8") as file:
        # An id that a stranger has given to a thing of their own is not foreign to them.
        for known in record["ids"].values():
            for own in stranger.own & known.keys():
                del known[own]
        for kinds in ("ids", "made"):
            record[kinds] = {kind: list(known) for kind, known in record[kinds].items()}
        record["strangersOwn"] = sorted(stranger.own)
        record["checks"] = CHECKS.get_all_names()
        for kind in ("failures", "explained"):
            record[kind] = list(record[kind].values())
        json.dump(record, file)
