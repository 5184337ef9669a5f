"""The rehearsal: a Postal, a DNS and a mail sink on loopback, so that the main job runs with no server at hand."""
