"""The Textual front end: one screen a step."""
