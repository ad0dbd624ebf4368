"""The ways to write: what each does to the graph, by the rules of the things that it writes."""
