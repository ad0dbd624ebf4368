"""The mutants: every fault by which something hidden could be told, one or more for each channel."""

from tests.leaks import (
    mutants_of_closure,
    mutants_of_disagreements,
    mutants_of_reads,
    mutants_of_the_record,
    mutants_of_writes,
)

MUTANTS = (
    *mutants_of_reads.MUTANTS,
    *mutants_of_disagreements.MUTANTS,
    *mutants_of_closure.MUTANTS,
    *mutants_of_the_record.MUTANTS,
    *mutants_of_writes.MUTANTS,
)
