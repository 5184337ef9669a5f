"""Checks: from a draft to findings. Each is an ``async`` function with a deadline and knows no front end."""
