"""What went wrong, under a number that the patient can tell the operator."""

import logging
import secrets


def record_incident(log: logging.Logger, error: BaseException) -> str:
    """Log an error with its traceback and return the incident's number; no personal data is added."""
    incident = secrets.token_hex(3).upper()
    log.error("Incident %s: %s", incident, type(error).__name__, exc_info=error)
    return incident
