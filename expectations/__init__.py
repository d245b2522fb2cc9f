"""The two gates of a release: one on observations, one on the candidate's marts."""
