"""Sends requests again as somebody of another tenant, and says what is wrong with the answers.

Whoever asks has the roles of the operation, but in a tenant of their own: an id of the first tenant must not work for
them, and no answer may name what the first tenant made.
"""

import threading

import requests
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response

CHECKS_OF_ANSWERS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
TENANT, PERSON = "globex", "mallory"
# Streams keep the connection; an unknown verb asks for nothing.
NOT_AGAIN = {"streamWorkspace", "streamRevocations"}
SECONDS = 60


class Stranger:
    """One person of another tenant; safe for several threads."""

    def __init__(self, authority, ids_in, own):
        self._authority = authority
        self._ids_in = ids_in
        self._sessions = threading.local()
        # What was sent or made under this name: seeing it again is no leak.
        self.own = set(own)
        self._lock = threading.Lock()

    def may_repeat(self, case, operation, response):
        """Whether the request makes sense again: it was let in, has a whole body, and does not go on for ever."""
        body = response.request.body
        return (
            operation not in NOT_AGAIN
            and "Authorization" in response.request.headers
            and response.status_code not in (401, 405, 431)
            and (body is None or isinstance(body, (bytes, str)))
        )

    def repeat(self, case, response, tokens, made):
        """
        Sends the request of the response again; returns the answer and the problems with it as pairs of a check's name
        and a message. `made` holds the ids of things of the first tenant. Raises requests.RequestException.
        """
        request = response.request.copy()
        acting = "X-Acting-Tenant" in request.headers
        if acting:
            request.headers["X-Acting-Tenant"] = TENANT
            request.headers["X-Acting-User"] = PERSON
        else:
            request.headers["Authorization"] = f"Bearer {tokens[PERSON]}"
        raw = self._session().send(request, timeout=SECONDS, verify=self._authority, allow_redirects=False)
        answer = Response.from_requests(raw, verify=True)
        return answer, [*self._broken_checks(case, answer), *self._foreign(request, answer, made)]

    def _session(self):
        if not hasattr(self._sessions, "session"):
            self._sessions.session = requests.Session()
            self._sessions.session.trust_env = False
        return self._sessions.session

    def _broken_checks(self, case, answer):
        try:
            case.validate_response(answer, checks=[CHECKS.get_one(name) for name in CHECKS_OF_ANSWERS])
        except FailureGroup as group:
            return [(type(failure).__name__, failure.message) for failure in group.exceptions]
        return []

    def _foreign(self, request, answer, made):
        body = request.body or b""
        asked = set(self._ids_in(request.url)) | set(
            self._ids_in(body if isinstance(body, str) else body.decode("utf8", "replace"))
        )
        named = set(self._ids_in(answer.content.decode("utf8", "replace")))
        succeeded = 200 <= answer.status_code < 300
        with self._lock:
            in_path = set(self._ids_in(request.url.partition("?")[0]))
            used = [found for found in in_path if found in made and found not in self.own]
            seen = [found for found in named - asked if found in made and found not in self.own]
            self.own |= asked - in_path
            if succeeded and request.method != "GET":
                self.own |= named
        problems = [("ForeignIdUsed", f"answered {answer.status_code} for {found}") for found in used if succeeded]
        return [*problems, *[("ForeignIdSeen", f"its answer names {found}") for found in seen]]
