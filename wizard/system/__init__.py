"""What is done to the operating system? Files, child processes, signals, hardening and the standard streams.

Nothing here knows of mail; everything that opens, writes or starts something goes through here.
"""
