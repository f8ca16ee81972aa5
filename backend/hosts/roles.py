"""What each role may do in the console. Routes name the right they need; nothing is allowed by default."""

HOST, COORDINATOR, TRAINER, ADMINISTRATOR = "host", "coordinator", "trainer", "administrator"
ROLES = (HOST, COORDINATOR, TRAINER, ADMINISTRATOR)
CHAT, STAFF, MEASURES, ALARMS, PRACTICE, OWN = "chat", "staff", "measures", "alarms", "practice", "own"

RIGHTS: dict[str, frozenset[str]] = {
    HOST: frozenset({OWN, CHAT, PRACTICE}),
    COORDINATOR: frozenset({OWN, CHAT, PRACTICE, STAFF, MEASURES, ALARMS}),
    TRAINER: frozenset({OWN, PRACTICE}),
    # Runs the logins everywhere and reads no guest's words anywhere.
    ADMINISTRATOR: frozenset({OWN, STAFF, MEASURES}),
}


def may(role: str, right: str) -> bool:
    return right in RIGHTS.get(role, ())


def may_appoint(role: str, other: str) -> bool:
    """A coordinator adds hosts; only an administrator makes coordinators, trainers and administrators."""
    return role == ADMINISTRATOR or (role == COORDINATOR and other == HOST)
