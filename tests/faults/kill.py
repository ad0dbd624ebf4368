"""The served process is killed in the middle of mixed writes, again and again: `python -m tests.faults.kill 200`.

Nothing that was acknowledged is lost, nothing is there that nobody sent, nothing by half; what was not answered is sent
again under its key and has its effect once; the record verifies; and the service is ready again in two seconds.
"""

import time
from random import Random
from statistics import median

from tests.faults.ground import Ground, ground_of
from tests.faults.ledger import Ledger, findings
from tests.faults.served import Service
from tests.faults.tally import Advance, Tally, arguments, concluded, shown
from tests.faults.traffic import retried, wait_for, writing

READY_SECONDS = 2.0
# A record is begun anew after so many cycles, so that checking all of it stays quick.
_ANEW = 20


def killed(ground: Ground, cycles: int, seed: int, advance: Advance, *, weakness: str | None = None) -> Tally:
    """Kill the service so many times; what was found, and how long it took to be ready again."""
    tally, starts, again = Tally(), list[float](), 0
    drawn = Random(seed)  # noqa: S311 - the same moments each time
    for first in range(0, cycles, _ANEW):
        url, place = ground.begun()
        service, ledger = Service(url, place, weakness), Ledger()
        try:
            service.start()
            for cycle in range(first, min(first + _ANEW, cycles)):
                before = len(ledger.acknowledged())
                _killed_once(service, ledger, drawn, cycle)
                acknowledged = len(ledger.acknowledged()) - before
                starts.append(service.start())
                again += retried(service.port, ledger)
                tally.add(findings(url, ledger), acknowledged)
                advance()
                if weakness is not None and not tally.sound:
                    return tally
        finally:
            service.kill()
    slow = sum(seconds > READY_SECONDS for seconds in starts)
    tally.told.append(f"{again} sent again under their keys")
    tally.told.append(
        f"ready again after {median(starts):.2f} s (median), {max(starts):.2f} s at most, {slow} over 2 s"
    )
    return tally


def _killed_once(service: Service, ledger: Ledger, drawn: Random, cycle: int) -> None:
    """Let clients write for a moment, and kill the service while they do."""
    with writing(service.port, ledger, cycle):
        wait_for(ledger, drawn.randrange(5, 40))
        time.sleep(drawn.random() * 0.05)
        service.kill()


def main() -> None:
    """Read what is asked for, kill, and say what was found."""
    args = arguments("kill", __doc__, 200).parse_args()
    with ground_of(args.engine) as ground:
        with shown(f"Killing the service on {args.engine}", args.cycles) as advance:
            tally = killed(ground, args.cycles, args.seed, advance)
        with shown("The control, which answers before it commits", 20) as advance:
            control = killed(ground, 20, args.seed, advance, weakness="answers-first")
    concluded(f"kill -9 on {args.engine}", tally, control)


if __name__ == "__main__":
    main()
