"""The log: a constant message, and identifiers in fields; never a text that somebody wrote, never a key or token."""

import logging

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class Fields(logging.Formatter):
    """A line for each entry: when, how grave, which part, the message, and each field as name=value."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; of a mistake of ours, what led to it below."""
        fields = " ".join(f"{name}={value!r}" for name, value in vars(record).items() if name not in _OWN)
        head, _, trace = super().format(record).partition("\n")
        return "\n".join(filter(None, (f"{head} {fields}".rstrip(), trace)))


def log_to_stderr() -> None:
    """Let the service log to the standard error output."""
    handler = logging.StreamHandler()
    handler.setFormatter(Fields("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("mappa")
    logger.handlers[:] = [handler]
    logger.propagate = False
