"""Line prompts for any step: one question a line, each finding under it.

The front end for screen readers, serial lines and terminals that can do no more; it renders steps and decides nothing.
"""
