"""Does Postal accept the mail? One observed SMTP dialogue, judged stage by stage as smtplib and Django go through it.

``run.check`` makes one connection and one AUTH.
"""
