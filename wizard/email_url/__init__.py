"""What is an EMAIL_URL? How it is built, parsed and read by GlitchTip and dj-email-url.

The two readers disagree; facts and figures are at the functions.
"""
