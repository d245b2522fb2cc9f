"""From observations to a release: plan, assemble, audit, publish, and back again."""
