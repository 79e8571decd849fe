"""How much load the site bears: scripted readers against a throw-away installation.

Everything runs on this machine and talks over 127.0.0.1 alone; every run has an end.
"""
