"""The proof that nothing hidden leaks: what a reader is answered depends on nothing that he may not see."""
