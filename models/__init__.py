"""The graph of recommendations, evidence, actions and verdicts, and the questions that are asked of it."""
