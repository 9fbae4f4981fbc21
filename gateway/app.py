"""The composition root: the only place that constructs engines and wires the rooms together."""
