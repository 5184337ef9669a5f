"""The set-up itself: what is asked, judged, shown, written and read back. It knows no front end."""

__version__ = "1.0.0"
