"""One error shape for the whole house. Domain code raises these; `app.py` turns them into an answer."""


class IndgangError(Exception):
    """Something the caller can be told about.

    `code` is stable and machine-readable, `status` the HTTP status at the edge, `message` a Danish sentence that says
    what happened and what to do. `retry` tells whether the same call may succeed later.
    """

    code = "error"
    status = 500
    message = "Noget gik galt hos os. Prøv igen om lidt."
    retry = False

    def __init__(self, message: str | None = None, **details: object) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message
        self.details = details

    def as_json(self) -> dict:
        error: dict = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = self.details
        return {"error": error}


class BadInput(IndgangError):
    code, status, message = "bad_input", 422, "Det kunne vi ikke læse. Se hvilke felter der er forkerte."


class NotFound(IndgangError):
    code, status, message = "not_found", 404, "Det findes ikke, eller det er slettet."


class NotAllowed(IndgangError):
    code, status, message = "not_allowed", 403, "Det har du ikke adgang til."


class NotSignedIn(IndgangError):
    code, status, message = "not_signed_in", 401, "Du er ikke logget ind."


class Conflict(IndgangError):
    code, status, message = "conflict", 409, "Det er ændret i mellemtiden. Hent igen og prøv en gang til."


class Busy(IndgangError):
    code, status, message, retry = "busy", 429, "Der kommer for mange beskeder på én gang. Vent et øjeblik.", True


class Unavailable(IndgangError):
    code, status, retry = "unavailable", 503, True
    message = "Vi kan ikke gemme det lige nu. Intet er sendt. Prøv igen om lidt."
