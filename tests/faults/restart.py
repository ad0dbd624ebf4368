"""PostgreSQL is stopped and started again under load: `python -m tests.faults.restart 40`.

Every other time it is stopped as a crash stops it. Whoever asks meanwhile is answered 503 with Retry-After; nothing
acknowledged is lost; reads and writes go on by themselves once it is back.
"""

from itertools import cycle

from tests.faults.ground import Ground, ground_of
from tests.faults.outage import Outage, repeated
from tests.faults.served import Service
from tests.faults.tally import Advance, Tally, arguments, concluded, shown

SECONDS = 0.5


def restarted(ground: Ground, cycles: int, advance: Advance, *, weakness: str | None = None) -> Tally:
    """Stop and start PostgreSQL so many times."""
    ways, stopped = cycle(("immediate", "fast")), [False]

    def outage_of(_service: Service) -> Outage:
        def stop() -> None:
            ground.control("stop", "-m", next(ways))
            stopped[0] = True

        def start() -> None:
            if stopped[0]:
                ground.control("start")
            stopped[0] = False

        return Outage(stop, start, SECONDS, reads="none")

    return repeated(ground.begun(), outage_of, cycles, advance, weakness=weakness)


def main() -> None:
    """Read what is asked for, restart PostgreSQL, and say what was found."""
    args = arguments("restart", __doc__, 40, ("postgresql",)).parse_args()
    with ground_of("postgresql") as ground:
        with shown("Restarting PostgreSQL", args.cycles) as advance:
            tally = restarted(ground, args.cycles, advance)
        with shown("The control, which answers before it commits", 10) as advance:
            control = restarted(ground, 10, advance, weakness="answers-first")
    concluded("PostgreSQL restarted", tally, control)


if __name__ == "__main__":
    main()
